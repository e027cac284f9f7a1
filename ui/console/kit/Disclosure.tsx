import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button, Disclosure as AriaDisclosure, DisclosurePanel, Heading } from "react-aria-components";
import styles from "./Disclosure.module.css";

export interface DisclosureProps {
  title: ReactNode;
  children: ReactNode;
  isOpen?: boolean;
  onChange?: (isOpen: boolean) => void;
  defaultOpen?: boolean;
  /** The level of its heading. */
  level?: 2 | 3 | 4;
}

/** What only some want to see, behind its heading. */
export function Disclosure({ title, children, isOpen, onChange, defaultOpen = false, level = 3 }: DisclosureProps) {
  const controlled = isOpen === undefined ? { defaultExpanded: defaultOpen } : { isExpanded: isOpen };
  return (
    <AriaDisclosure {...controlled} {...(onChange ? { onExpandedChange: onChange } : {})}>
      <Heading level={level} className={styles.heading}>
        <Button slot="trigger" className={styles.trigger}>
          <ChevronRight className={styles.chevron} aria-hidden size={16} />
          {title}
        </Button>
      </Heading>
      <DisclosurePanel className={styles.panel}>{children}</DisclosurePanel>
    </AriaDisclosure>
  );
}
