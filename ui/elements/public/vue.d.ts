/** The elements in templates of Vue 3. Tell Vue of them: compilerOptions.isCustomElement = (tag) => tag.startsWith("notice-"). */
import type { DefineComponent } from "vue";
import type { NoticeBell, NoticeEvents, NoticeInbox, NoticeToasts } from "./notice-elements";

type Camel<Name extends string> = Name extends `${infer Word}-${infer Rest}` ? `${Capitalize<Word>}${Camel<Rest>}` : Capitalize<Name>;
/** `@notice-open` of a template. */
type Listeners = { [Name in keyof NoticeEvents as `on${Camel<Name>}`]?: (event: NoticeEvents[Name]) => void };
type Component<Element> = DefineComponent<Partial<Omit<Element, keyof HTMLElement>> & Listeners>;

declare module "vue" {
  interface GlobalComponents {
    "notice-bell": Component<NoticeBell>;
    "notice-inbox": Component<NoticeInbox>;
    "notice-toasts": Component<NoticeToasts>;
  }
}
