import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { MINUTE_MS } from "#lib/clock.ts";
import { endedWithAll, isLive, isStillOut, type Recovery, stateOf } from "#recovery/recovery.ts";
import { Chip } from "#ui/chip.tsx";
import { News } from "#ui/news.tsx";
import { RelativeTime } from "#ui/time.tsx";
import type { User } from "#users/user.ts";
import type { Access } from "./access.ts";

/** A link that no mail server took for this long deserves a look. */
const SLOW_MAIL_MS = 3 * MINUTE_MS;
/** What a recovery led to stays worth a chip for this long. */
const NEWS_FOR_MS = 24 * 60 * MINUTE_MS;

interface AccessChipProps {
  readonly user: User;
  readonly access: Access;
  readonly now: Date;
  readonly timeZone: string;
}

/** Says in a word or two how a person can get in: what became of their link, or what keeps them out. */
export function AccessChip(props: AccessChipProps): JSX.Element {
  const { user } = props;
  return (
    <News of={user.id} about={user.name}>
      <ChipOfAccess {...props} />
    </News>
  );
}

function ChipOfAccess({ user, access, now, timeZone }: AccessChipProps): JSX.Element | null {
  if (user.status === "inactive") return null;
  if (user.role === "no_access")
    return (
      <Chip kind="neutral" icon="ban">
        Role denies access
      </Chip>
    );
  if (user.frozenAt)
    return (
      <Chip kind="failure" icon="shield-alert">
        Frozen
      </Chip>
    );
  if (access.lockedUntil)
    return (
      <Chip kind="failure" icon="ban">
        Locked, {minutesLeft(access.lockedUntil, now)}
      </Chip>
    );
  const recovery = recoveryToTell(access, user, now);
  if (recovery === "both")
    return (
      <Chip kind="info" icon="key-round">
        Temporary password and link
      </Chip>
    );
  const isRefused = access.password === "refused";
  const isNews =
    recovery &&
    !(isRefused && recovery.storedState !== "open") && // What it set, if anything, is what is refused.
    (recovery.storedState !== "revoked" || endedWithAll(recovery)) &&
    (isLive(recovery, now) ||
      isStillOut(recovery, user.lastSignInAt, now) ||
      (!isRefused && now.getTime() - recovery.requestedAt.getTime() < NEWS_FOR_MS));
  if (isNews)
    return <RecoveryChip recovery={recovery} openedAt={access.openedAt} user={user} now={now} timeZone={timeZone} />;
  if (isRefused)
    return (
      <Chip kind="waiting" icon="key-round">
        New password required
      </Chip>
    );
  return access.password === "none" ? <Chip kind="neutral">Never signed in</Chip> : null;
}

/** @returns how long a lockout still lasts: `42 min left`. */
export function minutesLeft(until: Date, now: Date): string {
  return `${Math.ceil((until.getTime() - now.getTime()) / MINUTE_MS)} min left`;
}

/**
 * Of a temporary password that still works and a link sent after it: first what needs the administrator, then that the person
 * is in, then whatever still lets them in.
 */
function recoveryToTell(access: Access, user: User, now: Date): Recovery | "both" | undefined {
  const { latestRecovery: latest, openRecoveries } = access;
  const temporary = openRecoveries.find((each) => each.method === "temporary_password" && isLive(each, now));
  if (!latest || !temporary || latest.id === temporary.id || isMailInTrouble(latest, now)) return latest;
  return isLive(latest, now) && isStillOut(latest, user.lastSignInAt, now) ? "both" : temporary;
}

function isMailInTrouble(recovery: Recovery, now: Date): boolean {
  const state = stateOf(recovery, now);
  return state === "failed" || state === "bounced" || (state === "queued" && isSlow(recovery, now));
}

/** @returns whether no mail server has taken the newest mail for so long that it deserves a look. */
export function isSlow(recovery: Recovery, now: Date): boolean {
  return now.getTime() - sentAt(recovery).getTime() >= SLOW_MAIL_MS;
}

/** @returns when the newest mail with the link was queued, or the recovery began where there was none. */
export function sentAt({ lastMail, requestedAt }: Recovery): Date {
  return lastMail?.queuedAt ?? requestedAt;
}

interface RecoveryChipProps {
  readonly recovery: Recovery;
  readonly openedAt: Date | undefined;
  readonly user: User;
  readonly now: Date;
  readonly timeZone: string;
}

function RecoveryChip({ recovery, openedAt, user, now, timeZone }: RecoveryChipProps): Child {
  if (recovery.method === "temporary_password")
    return <TemporaryPasswordChip recovery={recovery} user={user} now={now} />;
  const isInvitation = recovery.origin === "invitation";
  const time = <RelativeTime at={sentAt(recovery)} now={now} timeZone={timeZone} />;
  const state = stateOf(recovery, now);
  if (!isStillOut(recovery, user.lastSignInAt, now) && state !== "sent") return <Chip kind="success">Back in</Chip>;
  switch (state) {
    case "queued":
      return isSlow(recovery, now) ? (
        <Chip kind="waiting">Mail not accepted since {time}</Chip>
      ) : (
        <Chip kind="info" icon="clock">
          Mail on its way
        </Chip>
      );
    case "sent":
      return openedAt && openedAt >= sentAt(recovery) ? (
        <Chip kind="info" icon="mail-open">
          Link opened <RelativeTime at={openedAt} now={now} timeZone={timeZone} />
        </Chip>
      ) : (
        <Chip kind="info" icon="mail-check">
          {sentWord(recovery)} {time}
        </Chip>
      );
    case "bounced":
      return (
        <Chip kind="failure" icon="mail-x">
          Bounced {time}
        </Chip>
      );
    case "failed":
      return (
        <Chip kind="failure" icon="mail-x">
          Mail refused {time}
        </Chip>
      );
    case "completed":
      return (
        <Chip kind="waiting" icon="key-round">
          Password set, not signed in yet
        </Chip>
      );
    case "expired":
      return (
        <Chip kind="waiting" icon="clock">
          {isInvitation ? "Invitation expired" : "Link expired"}
        </Chip>
      );
    case "revoked":
      return (
        <Chip kind="waiting" icon="ban">
          {isInvitation ? "Invitation revoked" : "Link revoked"}
        </Chip>
      );
  }
}

function sentWord({ origin, lastMail }: Recovery): string {
  if (origin === "invitation") return "Invited";
  return lastMail === null ? "Link copied" : "Link sent";
}

function TemporaryPasswordChip({ recovery, user, now }: Pick<RecoveryChipProps, "recovery" | "user" | "now">): Child {
  const state = stateOf(recovery, now);
  if (state === "revoked") return null;
  if (state === "completed") return <Chip kind="success">Back in</Chip>;
  if (state === "expired") {
    return (
      <Chip kind="waiting" icon="clock">
        Temporary password expired
      </Chip>
    );
  }
  return (
    <Chip kind="info" icon="key-round">
      {isStillOut(recovery, user.lastSignInAt, now) ? "Temporary password" : "In, has to change the password"}
    </Chip>
  );
}
