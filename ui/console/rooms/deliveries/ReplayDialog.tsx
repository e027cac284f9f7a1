/** Dead letters of a filter, sent again: first what would happen, then exactly that. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Dialog, ErrorPanel, Skeleton, Time, Warning } from "../../kit";
import { useText } from "../../language";
import { http, queries } from "../../session";
import type { Search } from "../operate/address";
import type { ReplayPlan } from "../operate/api";
import { choiceOf } from "./choice";
import styles from "./deliveries.module.css";
import { text } from "./messages";

const PATH = "/api/v1/messages/replay";

export function ReplayDialog({ search, onClose }: { search: Search; onClose: () => void }) {
  const t = useText(text);
  const [chosen] = useState(() => {
    const { status: _, ...rest } = choiceOf(search, Date.now());
    return rest;
  });
  const plan = useQuery({
    queryKey: ["replay", chosen],
    queryFn: () => http.post<ReplayPlan>(PATH, { ...chosen, dry_run: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const replay = useMutation({
    mutationFn: ({ as_of, count }: ReplayPlan) => http.post<ReplayPlan>(PATH, { ...chosen, as_of, expected: count }),
    onSuccess: () => Promise.all([["messages"], ["channels"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const lookAgain = () => {
    replay.reset();
    void plan.refetch();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t("replayTitle")}
      footer={
        replay.isSuccess ? (
          <Button onPress={onClose}>{t("close")}</Button>
        ) : (
          <Footer plan={plan.data} onClose={onClose} onGo={replay.mutate} isPending={replay.isPending} />
        )
      }
    >
      <div className={styles.plan} aria-busy={plan.isPending}>
        {plan.isPending && <Skeleton lines={3} />}
        {plan.isError && <ErrorPanel error={plan.error} onRetry={lookAgain} />}
        {plan.isSuccess && !replay.isSuccess && <Consequences plan={plan.data} />}
        {replay.isError && <ErrorPanel error={replay.error} onRetry={lookAgain} />}
        {replay.isSuccess && (
          <p className={styles.big} role="status">
            {t("replayDone", { n: replay.data.replayed })}
          </p>
        )}
      </div>
    </Dialog>
  );
}

interface FooterProps {
  plan: ReplayPlan | undefined;
  onClose: () => void;
  onGo: (plan: ReplayPlan) => void;
  isPending: boolean;
}

function Footer({ plan, onClose, onGo, isPending }: FooterProps) {
  const t = useText(text);
  const tooMany = plan && plan.count > plan.limit ? t("replayTooMany", { limit: plan.limit }) : null;
  return (
    <>
      <Button onPress={onClose} autoFocus>
        {t("close")}
      </Button>
      {plan && plan.count > 0 && (
        <Button variant="danger" onPress={() => onGo(plan)} isPending={isPending} disabledReason={tooMany}>
          {t("replayGo", { n: plan.count })}
        </Button>
      )}
    </>
  );
}

function Consequences({ plan }: { plan: ReplayPlan }) {
  const t = useText(text);
  if (plan.count === 0) return <p>{t("replayNone")}</p>;
  return (
    <>
      <Warning isBoxed>{plan.uncertain > 0 ? t("replayTwice", { n: plan.uncertain }) : `${t("danger")}.`}</Warning>
      <p className={styles.big}>
        {t("replayCount", { n: plan.count, addresses: plan.destinations })} <Time value={plan.as_of} show="time" isStatic />
      </p>
      <ul className={styles.shares}>
        {plan.channels.map((channel) => (
          <li key={channel.name}>
            {channel.name}: {channel.count}
          </li>
        ))}
      </ul>
      <p className={styles.said}>
        {t("replayOld")} <Time value={plan.oldest_accepted_at} show="absolute" isStatic />.
      </p>
      {plan.count > plan.limit && <Warning isBoxed>{t("replayTooMany", { limit: plan.limit })}</Warning>}
      {plan.channels
        .filter((channel) => !channel.configured)
        .map((channel) => (
          <Warning key={channel.name} isBoxed>{t("replayUnconfigured", { channel: channel.name })}</Warning>
        ))}
    </>
  );
}
