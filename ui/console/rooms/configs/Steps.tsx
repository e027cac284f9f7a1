/** The channels of a config as a timeline: the inbox at once, then each step when nobody has read the notice. */
import { useQuery } from "@tanstack/react-query";
import { parseDuration } from "@shared/time";
import { ArrowDown, ArrowUp, Bell, Globe, Mail, Plus, Send, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button, Duration, IconButton, Menu, Phrase, TextField, Warning } from "../../kit";
import { useText } from "../../language";
import { announce } from "../../shell/announce";
import { type Channel, channelsQuery, type Recipient, recipientsQuery } from "./api";
import styles from "./Configs.module.css";
import { useForm } from "./form";
import { text } from "./messages";
import { addressesIn, addressKinds, DEFAULT_AFTER, listOf, PANEL, type Step, stepsOf, swapped } from "./model/channel";
import { isObject, type Json } from "./model/json";
import { nameOf, People } from "./People";
import { Place } from "./Place";

const ICONS: Record<string, ReactNode> = {
  panel: <Bell aria-hidden size={16} />,
  email: <Mail aria-hidden size={16} />,
  telegram: <Send aria-hidden size={16} />,
  webhook: <Globe aria-hidden size={16} />,
};
const KNOWN = ["panel", "email", "telegram", "webhook"] as const;

/** A channel's name in words, where we have one. */
export function useChannelName(): (channel: string) => string {
  const t = useText(text);
  return (channel) => ((KNOWN as readonly string[]).includes(channel) ? t(channel as (typeof KNOWN)[number]) : channel);
}

export function Steps({ value }: { value: Json | undefined }) {
  const t = useText(text);
  const { change, errorAt } = useForm();
  const { data: people = [] } = useQuery(recipientsQuery);
  const { data: channels = [] } = useQuery(channelsQuery);
  const nameOfChannel = useChannelName();
  const all = isObject(value) ? value : {};
  // While a delay is being typed its step stays where it is: else "15m" would jump at its "1".
  const [held, setHeld] = useState<readonly string[] | null>(null);
  const timeline = stepsOf(all);
  const steps = held ? inOrder(timeline, held) : timeline;
  const swap = (one: Step | undefined, other: Step | undefined) => {
    if (!one || !other) return;
    change(["channel"], swapped(all, one, other));
    announce(t("moved", { channel: nameOfChannel(one.channel) }));
  };
  const nobody = steps.every((step) => listOf(step, "recipients").length + addressKinds(step).flatMap((kind) => listOf(step, kind)).length === 0);
  return (
    <Place path={["channel"]}>
      <div className={styles.section}>
        <ol className={styles.steps}>
          {steps.map((step, index) => (
            <li key={step.channel} className={styles.step} data-at-once={parseDuration(step.after) === 0 || undefined}>
              <StepEditor
                step={step}
                people={people}
                channel={channels.find((one) => one.name === step.channel)}
                onTyping={() => setHeld(held ?? steps.map((one) => one.channel))}
                onTyped={() => setHeld(null)}
                onEarlier={movable(steps[index - 1]) ? () => swap(step, steps[index - 1]) : undefined}
                onLater={step.channel !== PANEL && movable(steps[index + 1]) ? () => swap(step, steps[index + 1]) : undefined}
              />
            </li>
          ))}
        </ol>
        {nobody && <Warning>{t("operatorsHear")}</Warning>}
        {errorAt(["channel"]) && <p className={styles.error}>{errorAt(["channel"])}</p>}
        <AddStep taken={Object.keys(all)} channels={channels} />
      </div>
    </Place>
  );
}

const inOrder = (steps: Step[], order: readonly string[]) => steps.toSorted((one, other) => order.indexOf(one.channel) - order.indexOf(other.channel));

const movable = (step: Step | undefined) => step !== undefined && step.channel !== PANEL;

function AddStep({ taken, channels }: { taken: string[]; channels: readonly Channel[] }) {
  const t = useText(text);
  const { change } = useForm();
  const nameOfChannel = useChannelName();
  const names = [...new Set([...KNOWN, ...channels.map((one) => one.name)])].filter((name) => !taken.includes(name));
  if (names.length === 0) return null;
  const items = names.map((name) => ({
    id: name,
    label: nameOfChannel(name),
    icon: ICONS[name] ?? <Send aria-hidden size={16} />,
    onAction: () => change(["channel", name], name === PANEL ? { recipients: [] } : { recipients: [], after: DEFAULT_AFTER }),
  }));
  return (
    <Menu
      label={t("addStep")}
      items={items}
      trigger={
        <Button size="small" icon={<Plus aria-hidden size={14} />}>
          {t("addStep")}
        </Button>
      }
    />
  );
}

interface EditorProps {
  step: Step;
  people: readonly Recipient[];
  channel: Channel | undefined;
  onTyping: () => void;
  onTyped: () => void;
  onEarlier: (() => void) | undefined;
  onLater: (() => void) | undefined;
}

function StepEditor({ step, people, channel, onTyping, onTyped, onEarlier, onLater }: EditorProps) {
  const t = useText(text);
  const { change, errorAt } = useForm();
  const name = useChannelName()(step.channel);
  const path = ["channel", step.channel];
  const recipients = listOf(step, "recipients").map(String);
  return (
    <section className={styles.stepCard} aria-label={t("step", { channel: name })}>
      <header className={styles.stepHead}>
        <span className={styles.stepName}>
          {ICONS[step.channel] ?? <Send aria-hidden size={16} />}
          <h3>{name}</h3>
          <span className={styles.note}>
            <When step={step} />
          </span>
        </span>
        <span className={styles.stepButtons}>
          {onEarlier && <IconButton label={t("earlier", { channel: name })} icon={<ArrowUp aria-hidden size={16} />} onPress={onEarlier} />}
          {onLater && <IconButton label={t("later", { channel: name })} icon={<ArrowDown aria-hidden size={16} />} onPress={onLater} />}
          <IconButton label={t("removeStep", { channel: name })} icon={<Trash2 aria-hidden size={16} />} onPress={() => change(path, undefined)} />
        </span>
      </header>
      <div className={styles.stepBody}>
        <Place path={[...path, "recipients"]}>
          <People
            label={t("recipients")}
            people={people}
            value={recipients}
            onChange={(value) => change([...path, "recipients"], value)}
            {...(step.channel === PANEL ? {} : { channel: step.channel })}
          />
        </Place>
        {addressKinds(step).map((kind) => (
          <Place key={kind} path={[...path, kind]}>
            <Words
              label={t(kind)}
              description={t("listHint")}
              value={listOf(step, kind)}
              error={errorAt([...path, kind])}
              parse={(words) => addressesIn(words, kind)}
              onChange={(value) => change([...path, kind], value.length ? value : undefined)}
            />
          </Place>
        ))}
        {step.channel !== PANEL && (
          <Place path={[...path, "after"]}>
            <TextField
              label={t("afterLabel")}
              description={t("afterHint")}
              value={typeof step.settings.after === "string" ? step.settings.after : ""}
              placeholder={DEFAULT_AFTER}
              onChange={(after) => {
                onTyping();
                change([...path, "after"], after || undefined);
              }}
              onBlur={onTyped}
              error={errorAt([...path, "after"])}
            />
          </Place>
        )}
      </div>
      <StepWarnings step={step} people={people} channel={channel} />
    </section>
  );
}

/** When a step is taken. */
export function When({ step }: { step: Step }) {
  const t = useText(text);
  if (step.channel === PANEL || parseDuration(step.after) === 0) return t("atOnce");
  return <Phrase t={t} id="afterUnread" values={{ time: <Duration value={step.after} /> }} />;
}

/** What will not reach anybody. The server says the same of the whole config; here it stands where it is meant. */
function StepWarnings({ step, people, channel }: Pick<EditorProps, "step" | "people" | "channel">) {
  const t = useText(text);
  const name = useChannelName()(step.channel);
  const recipients = listOf(step, "recipients").map(String);
  const isEmpty = recipients.length + addressKinds(step).flatMap((kind) => listOf(step, kind)).length === 0;
  return (
    <>
      {channel && !channel.configured && <Warning>{t("notConfigured", { channel: name })}</Warning>}
      {isEmpty && <Warning>{t(step.channel === PANEL ? "noReceiversPanel" : "noReceivers")}</Warning>}
      {recipients.map((id) => {
        const person = people.find((one) => one.id === id);
        if (!person) return people.length > 0 && <Warning key={id}>{t("unknownPerson", { name: id })}</Warning>;
        const reachable = step.channel === PANEL || person.addresses?.[step.channel];
        return !reachable && <Warning key={id}>{t("noAddress", { name: nameOf(people, id), channel: name })}</Warning>;
      })}
    </>
  );
}

interface WordsProps {
  label: string;
  description: string;
  value: readonly Json[];
  error: string | undefined;
  parse: (words: string) => Json[];
  onChange: (value: Json[]) => void;
}

/** Several short values in one field; what is being typed stays as it was typed. */
function Words({ value, parse, onChange, ...field }: WordsProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const write = (words: string) => {
    setTyped(words);
    onChange(parse(words));
  };
  return <TextField {...field} value={typed ?? value.join(", ")} onChange={write} onBlur={() => setTyped(null)} mono />;
}
