/** A room's frame: its title, what stands beside it, and the content. */
import type { ReactNode } from "react";
import { Title } from "../unread/Title";
import styles from "./Page.module.css";

export interface PageProps {
  title: string;
  lead?: ReactNode;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  children?: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <div className={styles.page}>
      <Title>{title}</Title>
      <header className={styles.head}>
        <div>
          <h1>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
