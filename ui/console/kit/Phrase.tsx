import { Fragment, type ReactNode } from "react";
import type { Text } from "../language";

export interface PhraseProps<Key extends string> {
  t: Text<Key>;
  id: Key;
  /** What stands in the sentence: texts and numbers, or nodes such as links. */
  values: Record<string, ReactNode>;
}

/** Signs of the private use area: no text holds them. */
const OPEN = "\ue000";
const CLOSE = "\ue001";

/** A translated sentence with links in it: each language puts them where it wants. */
export function Phrase<Key extends string>({ t, id, values }: PhraseProps<Key>) {
  const plain = Object.entries(values).map(([name, value]) => {
    const isText = typeof value === "string" || typeof value === "number";
    return [name, isText ? value : `${OPEN}${name}${CLOSE}`] as const;
  });
  const parts = t(id, Object.fromEntries(plain)).split(new RegExp(`${OPEN}(\\w+)${CLOSE}`));
  return (
    <>
      {parts.map((part, at) => (
        <Fragment key={at}>{at % 2 ? values[part] : part}</Fragment>
      ))}
    </>
  );
}
