/** One value as its schema describes it; groups, lists and variants hold further ones. */
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton, Select, Switch, TextArea, TextField } from "../../kit";
import { useText } from "../../language";
import { useForm } from "./form";
import { JsonField } from "./JsonField";
import styles from "./Configs.module.css";
import { text } from "./messages";
import { at, isObject, type Json, type JsonObject, type Path, same } from "./model/json";
import { type Field, fieldOf, initial, type Member, resolve, type Shape, variantOf } from "./model/schema";
import { Place } from "./Place";

interface Props {
  schema: JsonObject;
  path: Path;
  /** What it is called when the schema does not say. */
  name: string;
  value: Json | undefined;
  isRequired?: boolean;
}

interface Drawn extends Omit<Props, "schema"> {
  field: Field;
  label: string;
  description: string | undefined;
}

function SchemaField({ schema, ...props }: Props) {
  const t = useText(text);
  const { root } = useForm();
  const field = fieldOf(resolve(schema, root, props.value), root);
  const label = (field.title ?? props.name) + (field.unit ? `, ${field.unit}` : "");
  const unset = props.value === undefined && field.default !== undefined ? t("defaultIs", { value: shown(field.default, t("yes"), t("no")) }) : "";
  const description = [field.description, unset].filter(Boolean).join(" ") || undefined;
  return (
    <Place path={props.path}>
      <Control {...props} field={field} label={label} description={description} />
    </Place>
  );
}

function shown(value: Json, yes: string, no: string): string {
  if (typeof value === "boolean") return value ? yes : no;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Control(props: Drawn) {
  switch (props.field.shape.kind) {
    case "text":
      return <TextControl {...props} shape={props.field.shape} />;
    case "number":
      return <NumberControl {...props} shape={props.field.shape} />;
    case "flag":
      return <FlagControl {...props} />;
    case "choice":
      return <ChoiceControl {...props} options={props.field.shape.options} />;
    case "list":
      return <ListControl {...props} item={props.field.shape.item} />;
    case "group":
      return <GroupControl {...props} members={props.field.shape.members} />;
    case "variants":
      return <VariantsControl {...props} variants={props.field.shape.variants} />;
    case "any":
      return <JsonField label={props.label} description={props.description} path={props.path} value={props.value} isRequired={props.isRequired ?? false} />;
  }
}

/** What every control hands to the kit. */
function useField({ path, label, description, isRequired = false }: Drawn) {
  const { errorAt, change } = useForm();
  return { change: (to: Json | undefined) => change(path, to), field: { label, description, isRequired, error: errorAt(path) } };
}

function TextControl({ shape, ...props }: Drawn & { shape: Extract<Shape, { kind: "text" }> }) {
  const t = useText(text);
  const { field, change } = useField(props);
  const [wasSet] = useState(props.field.isSecret && props.value !== undefined && props.value !== "");
  const [replaced, setReplaced] = useState(false);
  const hidden = wasSet && !replaced;
  const write = (words: string) => {
    setReplaced(true);
    change(words === "" && !props.isRequired ? undefined : words);
  };
  const value = hidden || typeof props.value !== "string" ? "" : props.value;
  if (shape.isLong && !props.field.isSecret) return <TextArea {...field} value={value} onChange={write} placeholder={shape.placeholder} />;
  return (
    <TextField
      {...field}
      description={hidden ? t("secretSet") : field.description}
      type={shape.input}
      value={value}
      onChange={write}
      placeholder={hidden ? "••••••••" : shape.placeholder}
      {...(props.field.isSecret ? { autoComplete: "new-password" as const } : {})}
    />
  );
}

/** The limits stand in the words: a field that silently changes what was typed is worse than one that says no. */
function NumberControl({ shape, ...props }: Drawn & { shape: Extract<Shape, { kind: "number" }> }) {
  const { field, change } = useField(props);
  const [typed, setTyped] = useState<string | null>(null);
  const range = [shape.min, shape.max].some((one) => one !== undefined) ? `${shape.min ?? "…"} – ${shape.max ?? "…"}` : undefined;
  const isTyped = typed !== null && same(numberIn(typed), props.value);
  const write = (words: string) => {
    setTyped(words);
    change(numberIn(words));
  };
  return (
    <TextField
      {...field}
      description={[field.description, range].filter(Boolean).join(" · ")}
      inputMode={shape.isInteger && (shape.min ?? -1) >= 0 ? "numeric" : "text"}
      value={isTyped ? typed : props.value === undefined ? "" : String(props.value)}
      onChange={write}
    />
  );
}

/** What is no number stays what it is, for the server to refuse: nothing that was typed is lost. */
function numberIn(words: string): Json | undefined {
  const text = words.trim().replace(",", ".");
  if (text === "") return undefined;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : words;
}

function FlagControl(props: Drawn) {
  const { field, change } = useField(props);
  const value = props.value ?? props.field.default ?? false;
  return (
    <Switch value={value === true} onChange={change} description={field.error ?? field.description}>
      {field.label}
    </Switch>
  );
}

const NOTHING = "";

function ChoiceControl({ options, ...props }: Drawn & { options: Json[] }) {
  const t = useText(text);
  const { field, change } = useField(props);
  const chosen = options.findIndex((option) => same(option, props.value));
  const words = options.map((option, index) => ({ value: String(index), label: shown(option, t("yes"), t("no")) }));
  const all = props.isRequired ? words : [{ value: NOTHING, label: t("unset") }, ...words];
  return (
    <Select
      {...field}
      options={all}
      value={chosen === -1 ? (props.isRequired ? null : NOTHING) : String(chosen)}
      onChange={(value) => change(value === NOTHING ? undefined : options[Number(value)])}
    />
  );
}

function ListControl({ item, ...props }: Drawn & { item: JsonObject }) {
  const t = useText(text);
  const { root } = useForm();
  const { field, change } = useField(props);
  const items = Array.isArray(props.value) ? props.value : [];
  return (
    <fieldset className={styles.group}>
      <legend>{field.label}</legend>
      {field.description && <p className={styles.note}>{field.description}</p>}
      {items.map((value, index) => (
        <div key={index} className={styles.item}>
          <SchemaField schema={item} path={[...props.path, index]} name={`${props.name} ${index + 1}`} value={value} isRequired />
          <IconButton
            label={t("removeFrom", { name: field.label, n: index + 1 })}
            icon={<Trash2 aria-hidden size={16} />}
            onPress={() => change(items.length > 1 || props.isRequired ? items.filter((_, position) => position !== index) : undefined)}
          />
        </div>
      ))}
      {field.error && <p className={styles.error}>{field.error}</p>}
      <Button size="small" icon={<Plus aria-hidden size={14} />} onPress={() => change([...items, empty(item, root)])}>
        {t("addTo", { name: field.label })}
      </Button>
    </fieldset>
  );
}

/** Something to begin with, of the right type. */
function empty(schema: JsonObject, root: JsonObject): Json {
  const { shape } = fieldOf(resolve(schema, root), root);
  const start = initial(schema, root);
  if (start !== undefined) return start;
  if (shape.kind === "choice") return shape.options[0] ?? null;
  return { text: "", number: 0, flag: false, list: [], group: {}, variants: null, any: null }[shape.kind];
}

function GroupControl({ members, ...props }: Drawn & { members: Member[] }) {
  const t = useText(text);
  const { root } = useForm();
  const { field, change } = useField(props);
  if (props.value === undefined && !props.isRequired) {
    return (
      <Button size="small" icon={<Plus aria-hidden size={14} />} onPress={() => change(initial({ type: "object", properties: memberSchemas(members) }, root) ?? {})}>
        {t("setUp", { name: field.label })}
      </Button>
    );
  }
  return (
    <fieldset className={styles.group}>
      <legend>{field.label}</legend>
      {field.description && <p className={styles.note}>{field.description}</p>}
      {field.error && <p className={styles.error}>{field.error}</p>}
      <Members members={members} path={props.path} value={props.value} />
      {!props.isRequired && (
        <Button size="small" variant="quiet" onPress={() => change(undefined)}>
          {t("leaveOut", { name: field.label })}
        </Button>
      )}
    </fieldset>
  );
}

const memberSchemas = (members: Member[]): JsonObject => Object.fromEntries(members.map(({ name, schema }) => [name, schema]));

/** The members of an object; what the schema does not know stays where it is. */
export function Members({ members, path, value }: { members: Member[]; path: Path; value: Json | undefined }) {
  const t = useText(text);
  const others = Object.keys(isObject(value) ? value : {}).filter((name) => !members.some((member) => member.name === name));
  return (
    <>
      {members.map(({ name, schema, isRequired }) => (
        <SchemaField key={name} schema={schema} path={[...path, name]} name={name} value={at(value, [name])} isRequired={isRequired} />
      ))}
      {others.length > 0 && <p className={styles.note}>{t("otherKept", { n: others.length })}</p>}
    </>
  );
}

function VariantsControl({ variants, ...props }: Drawn & { variants: JsonObject[] }) {
  const t = useText(text);
  const { root } = useForm();
  const { field, change } = useField(props);
  const [chosen, setChosen] = useState<number | null>(null);
  const index = chosen ?? variantOf(variants, props.value, root);
  const options = variants.map((variant, position) => ({
    value: String(position),
    label: typeof variant.title === "string" ? variant.title : t("variantN", { n: position + 1 }),
  }));
  const choose = (value: string) => {
    setChosen(Number(value));
    change(initial(variants[Number(value)], root) ?? empty(variants[Number(value)] ?? {}, root));
  };
  const { title: _, ...variant } = variants[index] ?? {};
  return (
    <fieldset className={styles.group}>
      <legend>{field.label}</legend>
      <Select label={t("variant", { name: field.label })} description={field.description} error={field.error} options={options} value={String(index)} onChange={choose} />
      <Variant schema={variant} path={props.path} name={props.name} value={props.value} isRequired={props.isRequired ?? false} />
    </fieldset>
  );
}

/** Without a frame of its own: it stands in that of the choice. Constants are the choice, and not shown again. */
function Variant({ schema, path, name, value, isRequired }: Props) {
  const { root } = useForm();
  const { shape } = fieldOf(resolve(schema, root, value), root);
  if (shape.kind !== "group") return <SchemaField schema={schema} path={path} name={name} value={value} isRequired={isRequired ?? false} />;
  const members = shape.members.filter((member) => resolve(member.schema, root).const === undefined);
  return (
    <>
      {members.map((member) => (
        <SchemaField
          key={member.name}
          schema={member.schema}
          path={[...path, member.name]}
          name={member.name}
          value={at(value, [member.name])}
          isRequired={member.isRequired}
        />
      ))}
    </>
  );
}
