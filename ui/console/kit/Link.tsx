import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { Link as AriaLink, type LinkProps as AriaLinkProps } from "react-aria-components";
import styles from "./Link.module.css";

export interface LinkProps extends Omit<AriaLinkProps, "className" | "style" | "children"> {
  children: ReactNode;
  /** Looks like the text around it until hovered or focused. */
  quiet?: boolean;
  /** Leads out of the panel: opens a new tab that cannot reach back. */
  external?: boolean;
}

/** A real anchor; inside the panel the router takes plain clicks, and modified ones keep the browser's behaviour. */
export function Link({ children, quiet = false, external = false, ...rest }: LinkProps) {
  const out = external ? { target: "_blank", rel: "noopener noreferrer nofollow" } : {};
  return (
    <AriaLink {...rest} {...out} className={[styles.link, quiet ? styles.quiet : ""].join(" ")}>
      {children}
      {external && <ExternalLink className={styles.external} aria-hidden size={12} />}
    </AriaLink>
  );
}
