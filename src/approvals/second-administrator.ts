import { recordAuditEvent } from "#audit/audit-event.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import type { ApprovalAct, ApprovalInput } from "#platform/database/approval-tables.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { exactWords } from "#ui/relative-time.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import { asTarget, findActiveUsers, getUser, type User } from "#users/user.ts";
import { requestApproval } from "./approval.ts";
import { findDebts, findSidelined, hadRoleLately } from "./changed-lately.ts";

/*
 * Two things are worth more than one administrator's word: taking over somebody who administers, and sending a way in to an
 * address that the same hands may just have written there. For those a second one has to agree (NIST SP 800-53, AC-3(2)).
 */

/** What is asked for, so that it can be done later just so. */
interface Wanted {
  readonly act: ApprovalAct;
  readonly user: User;
  readonly input: ApprovalInput;
  /** Why it needs another, where the act itself does not say so; what was asked for is then not done with the approval, but allowed. */
  readonly because?: string;
}

/** Thrown inside of an act that another administrator has to approve; `askingApproval` turns it into a request. */
class ApprovalNeeded extends RekeyError {
  readonly wanted: Wanted;
  readonly approvers: readonly User[];

  constructor(wanted: Wanted, approvers: readonly User[]) {
    super("approval_required");
    this.wanted = wanted;
    this.approvers = approvers;
  }
}

/**
 * Goes on where nobody else has to agree: at the command line, with an approval, or where nobody else could give one.
 * @throws approval_required within `askingApproval`; address_held where it would need one and nobody can give it; not_permitted where
 *   it was approved for another address, or where who asks has just sent away who could have agreed
 */
export async function requireSecondAdministrator(tx: Tx, scope: Scope, at: Date, wanted: Wanted): Promise<void> {
  requireSameAddress(scope, wanted.user);
  if (!needsAnother(scope)) return;
  const { act, user } = wanted;
  const isHeld = user.addressHeldUntil !== null && user.addressHeldUntil > at && act !== "change_address";
  const isTakeover = act !== "send_reset_link" && (await administersLately(tx, scope, at, user));
  if (!isHeld && !isTakeover) return;
  await askAnother(tx, scope, at, wanted);
  if (isHeld) requireSettledAddress(scope, user, at);
}

/** @throws not_permitted where the address is another one by now than the one to which a way in was approved. */
function requireSameAddress({ approved }: Scope, { email }: User): void {
  if (approved?.sentTo === undefined || fold(approved.sentTo) === fold(email)) return;
  throw new RekeyError("not_permitted", {
    detail: "The address was changed since it was asked for. Ask for it again.",
  });
}

/**
 * Goes on where nobody else could agree, and who asks has not seen to it.
 * @throws approval_required within `askingApproval`; not_permitted where somebody could have agreed until a moment ago
 */
export async function askAnother(tx: Tx, scope: Scope, at: Date, wanted: Wanted): Promise<void> {
  const askerId = actingUserId(scope);
  const bench = await readBench(tx, scope, at, askerId === null ? [] : [askerId]);
  const approvers = bench.approversOf({ target: wanted.user, askerId: askerId ?? "" });
  if (approvers.length > 0) throw new ApprovalNeeded(wanted, approvers);
  if (askerId !== null) await requireNobodySidelined(tx, scope, at, { target: wanted.user, askerId });
}

/** Else who administers would only have to send the others away to be the one who is left. @throws not_permitted */
async function requireNobodySidelined(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { target: User; askerId: string },
): Promise<void> {
  const { target, askerId } = of;
  const roles = ROLE_NAMES.filter((role) => administers(role) && ROLES[role].rank >= ROLES[target.role].rank);
  const sidelined = await findSidelined(tx, scope, at, { roles, askerId });
  const last = sidelined.find(({ userId }) => userId !== target.id && userId !== askerId);
  if (!last) return;
  const { name } = await getUser(tx, scope, last.userId);
  const until = exactWords(last.until, scope.instance.timeZone);
  throw new RekeyError("not_permitted", {
    detail: `${name} could have approved it until their role or account was changed within the last day. It can be done from ${until} on, or by whoever runs Rekey.`,
  });
}

/** @throws address_held while nobody is sent a way in to an address that was just changed. An approval goes before. */
export function requireSettledAddress(scope: Scope, { addressHeldUntil }: User, at: Date): void {
  if (!needsAnother(scope) || addressHeldUntil === null || addressHeldUntil <= at) return;
  const until = exactWords(addressHeldUntil, scope.instance.timeZone);
  throw new RekeyError("address_held", {
    detail: `The address was changed within the last day. Until ${until} a way in is sent there only when a second administrator approves.`,
  });
}

/** @throws not_permitted: a copied link is a way in for whoever holds it, and nobody else would have agreed. */
export function requireNoTakeover(scope: Scope, { role }: User): void {
  if (needsAnother(scope) && administers(role)) throw byMailAlone();
}

/** The same, also of who administered within the last day. @throws not_permitted */
export async function requireNoTakeoverLately(tx: Tx, scope: Scope, at: Date, user: User): Promise<void> {
  if (needsAnother(scope) && (await administersLately(tx, scope, at, user))) throw byMailAlone();
}

function byMailAlone(): RekeyError {
  return new RekeyError("not_permitted", {
    detail: "Links of people who administer leave by mail alone. Use Send Reset Link.",
  });
}

/**
 * Does an act, or leaves it for another administrator to approve, who is told by mail.
 * @throws approval_required with the id of the request and who can approve it, and whatever the act throws
 */
export async function askingApproval<T>(deps: Deps, scope: Scope, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ApprovalNeeded)) throw error;
    const id = await request(deps, scope, error);
    deps.wakeWorker();
    const names = new Intl.ListFormat("en", { type: "disjunction" }).format(error.approvers.map(({ name }) => name));
    const { because } = error.wanted;
    const detail = because
      ? `${because} ${names} can let you go on under Settings > Approvals; a mail says so. Try again then.`
      : `${names} can approve it under Settings > Approvals; a mail says so. It is done once it is approved.`;
    throw new RekeyError("approval_required", { detail, members: { approval_id: id } });
  }
}

function request(deps: Deps, scope: Scope, { wanted, approvers }: ApprovalNeeded): Promise<string> {
  const { act, user, input } = wanted;
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const at = deps.clock.now();
    const { id, isNew } = await requestApproval(tx, scope, at, { act, userId: user.id, input });
    const detail = { approval_id: id, act };
    await recordAuditEvent(tx, scope, at, { action: "approval.request", target: asTarget(user), detail });
    const data = { at: at.toISOString(), approval_id: id, by_name: scope.actor.name, user_name: user.name };
    for (const { id: userId, email } of isNew ? approvers : [])
      await queueEmail(tx, scope, at, { kind: "approval_requested", userId, to: email, data });
    return id;
  });
}

/** Who administers, and who of them may agree to what another one asks for. */
export interface Bench {
  /**
   * @returns the active administrators, neither the target nor who asks nor frozen, who may act on the target and have account and
   *   role from another hand than who asks: nobody makes a second administrator of their own, in however many steps. Where
   *   there is none such, who at least does not owe theirs to who asks.
   */
  readonly approversOf: (of: { target: User; askerId: string }) => readonly User[];
}

/** @param askerIds of whom it will be asked who may agree with them. */
export async function readBench(tx: Tx, scope: Scope, at: Date, askerIds: readonly string[]): Promise<Bench> {
  const people = await findActiveUsers(tx, scope, ROLE_NAMES.filter(administers));
  const { owes, areOneHand } = await findDebts(tx, scope, at, [...people.map(({ id }) => id), ...askerIds]);
  return {
    approversOf: ({ target, askerId }) => {
      const others = people.filter(({ id, frozenAt }) => id !== target.id && id !== askerId && !frozenAt);
      const able = others.filter(({ role }) => ROLES[role].rank >= ROLES[target.role].rank);
      const independent = able.filter(({ id }) => !areOneHand(id, askerId));
      return independent.length > 0 ? independent : able.filter(({ id }) => !owes(id, askerId));
    },
  };
}

/** Whoever was made a member a moment ago is an administrator still: else one click would make them anybody's. */
async function administersLately(tx: Tx, scope: Scope, at: Date, { id, role }: User): Promise<boolean> {
  return administers(role) || hadRoleLately(tx, scope, at, { userId: id, roles: ROLE_NAMES.filter(administers) });
}

function administers(role: Role): boolean {
  return ROLES[role].rank >= ROLES.admin.rank;
}

/** The operator is trusted, and so is what another administrator has approved. */
function needsAnother({ actor, approved }: Scope): boolean {
  return approved === undefined && (actor.type === "user" || actor.type === "api_key" || actor.type === "stranger");
}
