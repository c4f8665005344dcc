import type { JSX } from "hono/jsx/jsx-runtime";

import { Timeline } from "#ui/timeline.tsx";
import type { SignIn } from "./list-sign-ins.ts";
import { codeWords } from "./reason-words.ts";

interface SignInHistoryProps {
  readonly signIns: readonly SignIn[];
  readonly timeZone: string;
}

/** Attempts to sign in, newest first, for who may know why one failed. */
export function SignInHistory({ signIns, timeZone }: SignInHistoryProps): JSX.Element {
  if (signIns.length === 0) return <p class="quiet">Nobody has tried to sign in to this account yet.</p>;
  const events = signIns.map(({ at, result, reason, sourceAddress }) => ({
    kind: result === "ok" ? ("success" as const) : ("failure" as const),
    icon: result === "ok" ? ("log-in" as const) : ("circle-x" as const),
    word: result === "ok" ? "Signed in" : (codeWords(reason ?? "") ?? "Refused"),
    detail: sourceAddress ? `From ${sourceAddress}` : undefined,
    at,
  }));
  return <Timeline label="Attempts to sign in, newest first" events={events} timeZone={timeZone} />;
}
