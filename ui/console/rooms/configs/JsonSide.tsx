/** The whole config as text, equal to the form at every moment in which it is JSON. */
import { useState } from "react";
import { TextArea } from "../../kit";
import { useText } from "../../language";
import { text } from "./messages";
import { type JsonObject, parseObject, same } from "./model/json";

export function JsonSide({ value, onChange }: { value: JsonObject; onChange: (value: JsonObject) => void }) {
  const t = useText(text);
  const [typed, setTyped] = useState<string | null>(null);
  const parsed = typed === null ? null : parseObject(typed);
  const isOld = parsed !== null && "value" in parsed && !same(parsed.value, value);
  const words = typed === null || isOld ? JSON.stringify(value, null, 2) : typed;
  const write = (next: string) => {
    setTyped(next);
    const found = parseObject(next);
    if ("value" in found) onChange(found.value);
  };
  const wrong = parsed && "line" in parsed ? (parsed.reason === "object" ? t("jsonObject") : t("jsonWrong", { line: parsed.line, column: parsed.column })) : undefined;
  return (
    <TextArea
      label={t("jsonTitle")}
      description={t("jsonHint")}
      value={words}
      onChange={write}
      onBlur={() => parsed && "value" in parsed && setTyped(null)}
      error={wrong}
      rows={Math.min(40, Math.max(14, words.split("\n").length + 1))}
      mono
    />
  );
}
