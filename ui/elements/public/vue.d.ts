/** The elements in templates of Vue 3. Tell Vue of them: compilerOptions.isCustomElement = (tag) => tag.startsWith("notice-"). */
import type { DefineComponent } from "vue";
import type { NoticeBell, NoticeInbox, NoticeToasts } from "./notice-elements";

type Component<Element> = DefineComponent<Partial<Omit<Element, keyof HTMLElement>>>;

declare module "vue" {
  interface GlobalComponents {
    "notice-bell": Component<NoticeBell>;
    "notice-inbox": Component<NoticeInbox>;
    "notice-toasts": Component<NoticeToasts>;
  }
}
