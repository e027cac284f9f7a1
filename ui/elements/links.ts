/** A notice's own actions, as far as they lead somewhere. */
import { type Entry, linkOf } from "@client/entries";
import { html, type TemplateResult } from "lit";

export function links({ actions }: Entry, onClick: (event: MouseEvent, url: string) => void): readonly TemplateResult[] {
  return actions.flatMap(({ label, url = null }) => {
    const href = linkOf({ url })?.href;
    return href ? [html`<a part="action" class="link" href=${href} @click=${(event: MouseEvent) => onClick(event, href)}>${label}</a>`] : [];
  });
}
