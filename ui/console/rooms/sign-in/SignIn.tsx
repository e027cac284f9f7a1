/** The door: a password, a one-time link, or an invitation. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useText } from "../../language";
import { sessionQuery } from "../../session";
import { ByLink } from "./ByLink";
import { ByPassword } from "./ByPassword";
import { clearAddress, destination, enter, takeFromAddress } from "./enter";
import { Invited } from "./Invited";
import { text } from "./messages";
import styles from "./SignIn.module.css";

export default function SignIn() {
  const t = useText(text);
  const [brought, setBrought] = useState(takeFromAddress);
  const { data: session } = useQuery(sessionQuery);
  const isAnotherWay = brought.link === null && brought.invite === null;
  useEffect(() => {
    clearAddress();
    const pasted = () => {
      setBrought(takeFromAddress());
      clearAddress();
    };
    addEventListener("hashchange", pasted); // a link that is pasted here loads no new page
    return () => removeEventListener("hashchange", pasted);
  }, []);
  useEffect(() => {
    if (session && isAnotherWay) enter(session);
  }, [session, isAnotherWay]);
  const leave = () => setBrought({ link: null, invite: null, login: brought.login });
  return (
    <main className={styles.room}>
      <title>{`${t("title")} · alertwrap`}</title>
      <div className={styles.card}>
        <p className={styles.brand}>
          <img src="/favicon.svg" alt="" width={28} height={28} />
          alertwrap
        </p>
        {brought.link !== null && <ByLink key={brought.link} link={brought.link} onFailed={leave} />}
        {brought.invite !== null && <Invited key={brought.invite} invite={brought.invite} login={brought.login} onOther={leave} />}
        {isAnotherWay && <ByPassword key={destination()} />}
      </div>
    </main>
  );
}
