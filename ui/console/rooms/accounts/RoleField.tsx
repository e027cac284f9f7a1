import { RadioGroup } from "../../kit";
import { useText } from "../../language";
import type { Role } from "../administer/api";
import { ROLES, text } from "./messages";

interface RoleFieldProps {
  value: Role;
  onChange: (role: Role) => void;
  description?: string;
}

export function RoleField({ value, onChange, description }: RoleFieldProps) {
  const t = useText(text);
  return (
    <RadioGroup
      label={t("role")}
      {...(description ? { description } : {})}
      options={ROLES.map((role) => ({ value: role, label: t(`role_${role}`), description: t(`help_${role}`) }))}
      value={value}
      onChange={(chosen) => onChange(chosen as Role)}
    />
  );
}
