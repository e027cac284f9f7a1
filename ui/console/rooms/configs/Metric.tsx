/** What the alert looks for: fields drawn from its schema, or JSON when it has none. */
import { Warning } from "../../kit";
import { useText } from "../../language";
import styles from "./Configs.module.css";
import { useForm } from "./form";
import { JsonField } from "./JsonField";
import { text } from "./messages";
import { at, type JsonObject } from "./model/json";
import { fieldOf, resolve } from "./model/schema";
import { Place } from "./Place";
import { Members } from "./SchemaField";

export function Metric({ value, schema }: { value: JsonObject; schema: JsonObject | null }) {
  const t = useText(text);
  const { errorAt } = useForm();
  const metric = at(value, ["metric"]);
  const shape = schema && fieldOf(resolve(schema, schema, metric), schema).shape;
  /** Wrong with the settings as a whole: a member that the schema does not know. */
  const error = errorAt(["metric"]);
  return (
    <section className={styles.section}>
      <h2>{t("sectionAlert")}</h2>
      {!value.name ? (
        <p className={styles.note}>{t("alertFirst")}</p>
      ) : shape?.kind === "group" ? (
        <Members members={shape.members} path={["metric"]} value={metric} />
      ) : (
        <Place path={["metric"]}>
          <JsonField label={t("metric")} description={t("noSchema")} path={["metric"]} value={metric} />
        </Place>
      )}
      {error && <Warning>{error}</Warning>}
    </section>
  );
}
