import { CircleCheck, CircleX, Clock, LoaderCircle } from "lucide-react";
import { Chip } from "../../kit";
import { useText } from "../../language";
import type { MessageStatus } from "../operate/api";
import { text } from "./messages";

const LOOKS = {
  pending: { tone: "neutral", icon: Clock },
  sending: { tone: "info", icon: LoaderCircle },
  sent: { tone: "success", icon: CircleCheck },
  dead: { tone: "error", icon: CircleX },
} as const;

/** The state of a message: a word, a shape and a colour. */
export function Status({ value }: { value: MessageStatus }) {
  const t = useText(text);
  const { tone, icon: Icon } = LOOKS[value];
  return (
    <Chip tone={tone} icon={<Icon aria-hidden size={12} />}>
      {t(value)}
    </Chip>
  );
}
