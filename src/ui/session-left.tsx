import type { JSX } from "hono/jsx/jsx-runtime";

import { Button } from "./button.tsx";
import { sessionWords } from "./session-words.ts";

/** A session as the top bar shows it. */
export interface SessionView {
  /** When it ends if the person does nothing more. */
  readonly expiresAt: Date;
  /** Whether doing something puts the end off. */
  readonly isRenewable: boolean;
}

/** Where the session is renewed. */
export const RENEW_SESSION_ADDRESS = "/session/renew";

/** Says how long the session lasts once that is short, and puts the end off with one click. The script keeps it true. */
export function SessionLeft({ session, now }: { readonly session: SessionView; readonly now: Date }): JSX.Element {
  const { expiresAt, isRenewable } = session;
  const words = sessionWords(expiresAt, now);
  return (
    <div
      class="session-left"
      id="session-left"
      role="status"
      data-session-ends={expiresAt.toISOString()}
      hidden={words === undefined}
    >
      <span class="session-left-words">{words}</span>
      {isRenewable && (
        <form method="post" action={RENEW_SESSION_ADDRESS} hx-post={RENEW_SESSION_ADDRESS} hx-target="#dialog">
          <Button kind="plain">Stay signed in</Button>
        </form>
      )}
    </div>
  );
}

/** The same as an answer, for a page that shows it already. */
export function SessionRenewed(props: { readonly session: SessionView; readonly now: Date }): JSX.Element {
  return (
    <>
      <hx-partial hx-target="#dialog" />
      <hx-partial hx-target="#session-left" hx-swap="outerHTML">
        <SessionLeft {...props} />
      </hx-partial>
    </>
  );
}
