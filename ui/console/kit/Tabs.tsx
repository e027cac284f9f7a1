import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";
import styles from "./Tabs.module.css";

export interface TabOption {
  value: string;
  label: ReactNode;
  content: ReactNode;
  isDisabled?: boolean;
}

export interface TabsProps {
  label: string;
  options: readonly TabOption[];
  value: string;
  onChange: (value: string) => void;
}

/** Several views of the same thing; arrows move between them. */
export function Tabs({ label, options, value, onChange }: TabsProps) {
  return (
    <AriaTabs selectedKey={value} onSelectionChange={(key) => onChange(String(key))} className={styles.tabs}>
      <TabList aria-label={label} className={styles.list}>
        {options.map((option) => (
          <Tab key={option.value} id={option.value} isDisabled={option.isDisabled ?? false} className={styles.tab}>
            {option.label}
          </Tab>
        ))}
      </TabList>
      {options.map((option) => (
        <TabPanel key={option.value} id={option.value} className={styles.panel}>
          {option.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
