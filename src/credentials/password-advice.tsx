import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "#ui/icon.tsx";
import { isEasilyGuessed } from "./guessability.ts";
import { findPasswordFault, type PasswordContext, type PasswordFault, type PolicyDeps } from "./password-policy.ts";

/** What the policy says of a password that is still being chosen; words without a code say that it would be taken. */
export interface PasswordVerdict {
  readonly code: PasswordFault["code"] | "weak" | "good";
  /** Never holds the password. */
  readonly words: string;
}

/** @returns what would become of the password, by the very rules that decide it. */
export async function judgePassword(
  deps: PolicyDeps,
  password: string,
  context: PasswordContext,
): Promise<PasswordVerdict> {
  const fault = await findPasswordFault(deps, password, context);
  if (fault) return { code: fault.code, words: fault.detail };
  const { user, instanceName } = context;
  const names = [user.firstName, user.lastName, user.username, user.email, instanceName];
  if (await isEasilyGuessed(password, names))
    return { code: "weak", words: "It can be used. A random word or two more would make it much harder to guess." };
  return { code: "good", words: "It can be used, and it is hard to guess." };
}

/** Too short is no fault while somebody types, so it has no colour. */
const LOOKS: Readonly<Record<"waiting" | "refused" | "weak" | "good", { icon: IconName; look: string }>> = {
  waiting: { icon: "pencil", look: "" },
  refused: { icon: "triangle-alert", look: " advice-refused" },
  weak: { icon: "check", look: "" },
  good: { icon: "circle-check", look: " advice-good" },
};

/** Takes the place of a field's hint while a password is typed. */
export function PasswordAdvice({ verdict: { code, words } }: { readonly verdict: PasswordVerdict }): JSX.Element {
  const { icon, look } = LOOKS[lookOf(code)];
  return (
    <span class={`advice${look}`} data-verdict={code}>
      <Icon name={icon} />
      <span>{words}</span>
    </span>
  );
}

function lookOf(code: PasswordVerdict["code"]): keyof typeof LOOKS {
  if (code === "good" || code === "weak") return code;
  return code === "too_short" ? "waiting" : "refused";
}
