/** `const say = useReason(); say(message.reason, message.reason_codes)` */
import { useLocale } from "../language";
import { type Codes, reasonIn } from "./reason";

export function useReason() {
  const locale = useLocale();
  return <Text extends string | null>(text: Text, codes: Codes) => reasonIn(locale, text, codes);
}
