/** A value of any shape, as text. What is no JSON stays in the field, and is not taken over until it is. */
import { useState } from "react";
import { TextArea } from "../../kit";
import { useText } from "../../language";
import { useForm } from "./form";
import { text } from "./messages";
import { type Json, parseObject, type Path, same } from "./model/json";

interface Props {
  label: string;
  description?: string | undefined;
  path: Path;
  value: Json | undefined;
  isRequired?: boolean;
}

export function JsonField({ label, description, path, value, isRequired = false }: Props) {
  const t = useText(text);
  const { change, errorAt } = useForm();
  const [typed, setTyped] = useState<string | null>(null);
  const parsed = typed === null ? undefined : parse(typed);
  const isOld = parsed !== undefined && "value" in parsed && !same(parsed.value, value);
  const words = typed === null || isOld ? written(value) : typed;
  const write = (next: string) => {
    setTyped(next);
    const found = parse(next);
    if ("value" in found) change(path, found.value);
  };
  const wrong = parsed && "line" in parsed ? t("jsonWrong", { line: parsed.line, column: parsed.column }) : undefined;
  return <TextArea label={label} description={description} value={words} onChange={write} error={wrong ?? errorAt(path)} isRequired={isRequired} rows={4} mono />;
}

const written = (value: Json | undefined) => (value === undefined ? "" : JSON.stringify(value, null, 2));

/** Nothing is no value at all; any other JSON is one. */
function parse(words: string): { value: Json | undefined } | { line: number; column: number } {
  if (words.trim() === "") return { value: undefined };
  const found = parseObject(`{"value":${words}\n}`);
  if ("value" in found) return { value: found.value.value };
  return { line: found.line, column: found.line === 1 ? Math.max(1, found.column - '{"value":'.length) : found.column };
}
