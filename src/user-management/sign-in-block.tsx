import type { JSX } from "hono/jsx/jsx-runtime";

import type { SignIn } from "#audit-trail/list-sign-ins.ts";
import { SignInHistory } from "#audit-trail/sign-in-history.tsx";
import type { LiveSession } from "#sessions/list-sessions.ts";
import { Section } from "#ui/section.tsx";
import { RelativeTime } from "#ui/time.tsx";
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
