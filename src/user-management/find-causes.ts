import type { SignIn } from "#audit-trail/list-sign-ins.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import type { TryElsewhere } from "#other-instances/find-tries-elsewhere.ts";
import { endOf, isLive, type Recovery } from "#recovery/recovery.ts";
import type { TimelineEvent } from "#recovery/timeline.ts";
import type { User } from "#users/user.ts";
import type { Access } from "./access.ts";
import { sentAt } from "./access-chip.tsx";
import type { Cause, CauseCode } from "./cause.ts";
import { linkCause } from "./link-cause.ts";
import type { NearMiss } from "./near-misses.ts";

/** What the database knows of somebody who may be kept out. */
export interface Evidence {
  readonly user: User;
  readonly access: Access;
  /** What became of their newest recovery, oldest event first. */
  readonly timeline: readonly TimelineEvent[];
  /** Newest first. */
  readonly signIns: readonly SignIn[];
  readonly nearMisses: readonly NearMiss[];
  readonly triesElsewhere: readonly TryElsewhere[];
}

/** What was tried longer ago says nothing of today. */
export const RECENT_MS = DAY_MS;

/** Causes in the order in which they are cured; of those in one place the newest comes first. */
type Order = readonly (readonly CauseCode[])[];

const ACCOUNT: Order = [["inactive"], ["no_access"], ["frozen"]];
const UNREACHED: readonly CauseCode[] = ["mail_bounced", "mail_refused", "mail_not_accepted"];
const HINTS: readonly CauseCode[] = [
  "must_change_password",
  "mail_on_its_way",
  "link_expired",
  "link_unopened",
  "link_opened_by_machine",
  "link_opened",
  "password_unused",
  "wrong_user_name",
  "wrong_instance",
];

/** No password of theirs works: a link is the only way in, and the new password that it leads to ends a lockout as well. */
const WITHOUT_PASSWORD: Order = [
  ...ACCOUNT,
  [...UNREACHED, "link_expired"],
  ["address_suppressed"],
  ["address_held"],
  ["never_accepted", "new_password_required", "temporary_password_expired"],
  ["locked"],
  [...HINTS, "wrong_password"],
];
/** A recovery that is under way cures a wrong password, so it comes before; a wrong name is cured by none. */
const UNDER_WAY: Order = [...ACCOUNT, ["locked"], UNREACHED, ["address_suppressed"], HINTS, ["wrong_password"]];
const WITH_PASSWORD: Order = [
  ...ACCOUNT,
  ["locked"],
  UNREACHED,
  ["address_suppressed"],
  [...HINTS, "wrong_password"],
  ["address_held"],
];

/**
 * @returns the causes, the true one first: what keeps the person out whatever they do right, in the order in which it has to be
 *   cured, then what they may be doing wrong. Where nothing is known to be in the way the one that says so stands alone.
 */
export function findCauses(evidence: Evidence, now: Date): readonly [Cause, ...Cause[]] {
  const lacked = lackedPassword(evidence, now);
  const link = latestLink(evidence, now);
  const isUnderWay = isLiveRecovery(evidence, now);
  const order = lacked ? WITHOUT_PASSWORD : isUnderWay ? UNDER_WAY : WITH_PASSWORD;
  const placeOf = ({ code }: Cause): number => order.findIndex((codes) => codes.includes(code));
  const known = [
    ...accountCauses(evidence),
    lockout(evidence),
    lacked,
    link,
    lacked ? undefined : temporaryPassword(evidence, now),
    wrongPassword(evidence, now),
    ...wrongNames(evidence),
    ...wrongInstances(evidence),
  ].filter((each) => each !== undefined);
  const mail = mailObstacles(evidence, now, { isUnderWay, link, isWanted: known.length > 0 || !isIn(evidence, now) });
  const [first, ...others] = [...known, ...mail].toSorted((a, b) => placeOf(a) - placeOf(b) || timeOf(b) - timeOf(a));
  return first ? [first, ...others] : [nothingKnown(evidence, now)];
}

function accountCauses({ user }: Evidence): readonly Cause[] {
  return [
    ...(user.status === "inactive" ? [cause("inactive", "reactivate")] : []),
    ...(user.role === "no_access" ? [cause("no_access", "edit")] : []),
    ...(user.frozenAt ? [cause("frozen", "thaw", user.frozenAt)] : []),
  ];
}

function lockout({ access: { lockedUntil } }: Evidence): Cause | undefined {
  return lockedUntil && { ...cause("locked", "enable_login"), until: lockedUntil };
}

/** No password that they could type would let them in. */
function lackedPassword({ user, access }: Evidence, now: Date): Cause | undefined {
  if (access.password === "none") {
    const { latestRecovery: recovery } = access;
    return { ...cause("never_accepted", "send_reset_link", user.createdAt), ...(recovery && { recovery }) };
  }
  if (access.password === "refused") {
    const link = access.openRecoveries.find((recovery) => isLive(recovery, now));
    return { ...cause("new_password_required", "send_reset_link"), ...(link && { recovery: link }) };
  }
  const temporary = temporaryOf(access);
  if (!temporary || isLive(temporary, now)) return undefined;
  return { ...cause("temporary_password_expired", "change_password", endOf(temporary)), recovery: temporary };
}

function temporaryPassword({ user, access }: Evidence, now: Date): Cause | undefined {
  const temporary = temporaryOf(access);
  if (!temporary || !isLive(temporary, now)) return undefined;
  const isUsed = user.lastSignInAt !== null && user.lastSignInAt >= temporary.requestedAt;
  const since = isUsed ? user.lastSignInAt : temporary.requestedAt;
  const until = endOf(temporary);
  return { ...cause("must_change_password", "change_password", since), recovery: temporary, until, isUsed };
}

function temporaryOf({ password, openRecoveries }: Access): Recovery | undefined {
  if (password !== "temporary") return undefined;
  return openRecoveries.find(({ method }) => method === "temporary_password");
}

/** Whoever signed in after it was sent needs it no more. */
function latestLink({ user, access, timeline }: Evidence, now: Date): Cause | undefined {
  const { latestRecovery: latest, password } = access;
  if (latest?.method !== "reset_link") return undefined;
  if (latest.storedState === "completed" && password === "refused") return undefined; // What it set is what is refused.
  const isOver = user.lastSignInAt !== null && user.lastSignInAt >= (latest.completedAt ?? sentAt(latest));
  return isOver && (password === "set" || password === "temporary") ? undefined : linkCause(latest, timeline, now);
}

function isLiveRecovery({ user, access }: Evidence, now: Date): boolean {
  const { lastSignInAt } = user;
  return access.openRecoveries.some(
    (recovery) => isLive(recovery, now) && (lastSignInAt === null || lastSignInAt < sentAt(recovery)),
  );
}

/** Those since they last got in, or had a new password. */
function wrongPassword({ user, access, signIns }: Evidence, now: Date): Cause | undefined {
  const { latestRecovery: latest } = access;
  const newPasswordAt = latest?.completedAt ?? (latest?.method === "temporary_password" ? latest.requestedAt : null);
  const since = Math.max(
    after(now, -RECENT_MS).getTime(),
    user.lastSignInAt?.getTime() ?? 0,
    newPasswordAt?.getTime() ?? 0,
  );
  const wrong = signIns.filter(({ at, reason }) => reason === "wrong_password" && at.getTime() > since);
  return wrong[0] && { ...cause("wrong_password", "send_reset_link", wrong[0].at), times: wrong.length };
}

function wrongNames({ user, nearMisses }: Evidence): readonly Cause[] {
  return nearMisses
    .filter(({ at }) => user.lastSignInAt === null || at > user.lastSignInAt)
    .map(({ name, at, times }) => ({ ...cause("wrong_user_name", "send_reset_link", at), tried: name, times }));
}

function wrongInstances({ user, triesElsewhere }: Evidence): readonly Cause[] {
  return triesElsewhere
    .filter(({ at }) => user.lastSignInAt === null || at > user.lastSignInAt)
    .map(({ instance, at }) => ({ ...cause("wrong_instance", "send_reset_link", at), elsewhere: instance }));
}

/** Why no link would be mailed, which is nobody's trouble while they are in. */
function mailObstacles(
  { user, access }: Evidence,
  now: Date,
  of: { link: Cause | undefined; isUnderWay: boolean; isWanted: boolean },
): readonly Cause[] {
  if (!of.isWanted) return [];
  const { suppressed } = access;
  const isTold = of.link?.code === "mail_bounced" || of.link?.code === "mail_refused";
  const held = user.addressHeldUntil;
  return [
    ...(suppressed && !isTold
      ? [{ ...cause("address_suppressed", "correct_and_send", suppressed.suppressed_at), answer: suppressed.answer }]
      : []),
    ...(held && held > now && !of.isUnderWay ? [{ ...cause("address_held", "send_reset_link"), until: held }] : []),
  ];
}

function nothingKnown(evidence: Evidence, now: Date): Cause {
  const { user, signIns } = evidence;
  if (isIn(evidence, now)) return cause("signed_in", null, user.lastSignInAt);
  const [last] = signIns;
  const isRecent = last?.result === "refused" && last.at > after(now, -RECENT_MS);
  if (isRecent) return cause("not_tried_again", null, last.at);
  return cause("no_recent_attempt", "send_reset_link", user.lastSignInAt);
}

/** Their last attempt, not long ago, let them in. */
function isIn({ user, signIns }: Evidence, now: Date): boolean {
  if (!user.lastSignInAt || user.lastSignInAt <= after(now, -RECENT_MS)) return false;
  return signIns[0]?.result !== "refused" || signIns[0].at < user.lastSignInAt;
}

function cause(code: CauseCode, fix: Cause["fix"], since: Date | null = null): Cause {
  return { code, since, until: null, fix };
}

function timeOf({ since }: Cause): number {
  return since?.getTime() ?? 0;
}
