import { Check, Copy } from "lucide-react";
import { useText } from "../language";
import { useCopy } from "./copy";
import { IconButton } from "./IconButton";
import { text } from "./messages";

export interface CopyButtonProps {
  value: string;
  label?: string;
}

/** Puts a text on the clipboard and says that it did. */
export function CopyButton({ value, label }: CopyButtonProps) {
  const t = useText(text);
  const [state, copy] = useCopy();
  const name = state === "idle" ? (label ?? t("copy")) : t(state === "copied" ? "copied" : "copyFailed");
  const icon = state === "copied" ? <Check aria-hidden size={14} /> : <Copy aria-hidden size={14} />;
  return <IconButton label={name} icon={icon} onPress={() => copy(value)} />;
}
