import type { JSX } from "hono/jsx/jsx-runtime";

import { REFUSAL_WORDS, type SignIn } from "#audit-trail/list-sign-ins.ts";
import type { LiveSession } from "#sessions/list-sessions.ts";
import { Section } from "#ui/section.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { Timeline } from "#ui/timeline.tsx";
import { browserWords } from "#ui/user-agent.ts";

interface SignInBlockProps {
  readonly signIns: readonly SignIn[];
  readonly sessions: readonly LiveSession[];
  readonly timeZone: string;
  readonly now: Date;
}

/** Where somebody is signed in, and their last attempts with the reason of each that failed. */
export function SignInBlock({ signIns, sessions, timeZone, now }: SignInBlockProps): JSX.Element {
  return (
    <>
      <Section title="Sessions">
        {sessions.length === 0 && <p class="quiet">Signed in nowhere at the moment.</p>}
        <ul class="plain-list">
          {sessions.map((session) => (
            <li class="plain-row">
              <span>
                {browserWords(session.userAgent)} <span class="quiet">from {session.sourceAddress}</span>
              </span>
              <RelativeTime at={session.lastActiveAt} now={now} timeZone={timeZone} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Last sign-ins">
        <SignInHistory signIns={signIns} timeZone={timeZone} />
      </Section>
    </>
  );
}

/** The attempts, newest first, for who may know why one failed. */
export function SignInHistory({
  signIns,
  timeZone,
}: {
  readonly signIns: readonly SignIn[];
  readonly timeZone: string;
}): JSX.Element {
  if (signIns.length === 0) return <p class="quiet">Nobody has tried to sign in to this account yet.</p>;
  const events = signIns.map(({ at, result, reason, sourceAddress }) => ({
    kind: result === "ok" ? ("success" as const) : ("failure" as const),
    icon: result === "ok" ? ("log-in" as const) : ("circle-x" as const),
    word: result === "ok" ? "Signed in" : (REFUSAL_WORDS[reason ?? ""] ?? "Refused"),
    detail: sourceAddress ? `From ${sourceAddress}` : undefined,
    at,
  }));
  return <Timeline label="Attempts to sign in, newest first" events={events} timeZone={timeZone} />;
}
