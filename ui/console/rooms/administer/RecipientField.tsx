import { useQuery } from "@tanstack/react-query";
import { Select, type Option } from "../../kit";
import type { FieldProps } from "../../kit";
import { recipientsQuery } from "../configs/api";

interface RecipientFieldProps extends Pick<FieldProps, "label" | "description" | "error"> {
  value: string | null;
  onChange: (id: string) => void;
  /** What can be chosen besides people. */
  more?: readonly Option[];
}

/** One of the people who can be notified. */
export function RecipientField({ more = [], ...field }: RecipientFieldProps) {
  const { data = [] } = useQuery(recipientsQuery);
  const people = data.map((one) => ({ value: one.id, label: one.name || one.id, description: one.id }));
  return <Select {...field} options={[...more, ...people]} />;
}
