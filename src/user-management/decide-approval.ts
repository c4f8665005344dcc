import { type Approval, decide, endOverdue, getApproval, listApprovals, recordFailure } from "#approvals/approval.ts";
import { type Bench, readBench } from "#approvals/second-administrator.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import { actingUserId, asSystem, type Scope } from "#instances/scope.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import { notify, notifyUser } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { ApprovalAct, ApprovalInput } from "#platform/database/approval-tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requireNewPassword } from "#recovery/require-new-password.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { setTemporaryPassword, type TemporaryPasswordSet } from "#recovery/set-temporary-password.ts";
import type { Verification } from "#recovery/verification.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { findReasonNotToActOn, requirePermission } from "#users/permissions.ts";
import { type Permission, ROLES } from "#users/roles.ts";
import { asTarget, findUsers, getUser, type User } from "#users/user.ts";
import { correctAndSend } from "./correct-and-send.ts";
import { updateUser } from "./update-user.ts";

/** What whoever asks for it must be allowed to do, still when it is approved. */
const ASKED_BY: Readonly<Record<ApprovalAct, Permission>> = {
  send_reset_link: "recovery.send_link",
  set_temporary_password: "recovery.set_temporary_password",
  require_new_password: "recovery.set_temporary_password",
  change_address: "users.edit",
  correct_and_send: "users.edit",
  go_on: "recovery.send_link",
};

/** What an act that may need approval is called, and what a second administrator agrees to. */
export const APPROVAL_WORDS: Readonly<Record<ApprovalAct, string>> = {
  send_reset_link: "Send Reset Link to an address that was just changed",
  set_temporary_password: "Change Password: a generated temporary password",
  require_new_password: "Require New Password",
  change_address: "Change the address",
  correct_and_send: "Correct address and send",
  go_on: "Go on letting people back in, after fifty within an hour",
};

/** An approval with the people whom it is about, and what keeps the acting person from deciding it, if anything. */
export interface ShownApproval {
  readonly approval: Approval;
  readonly user: User;
  readonly requester: User;
  readonly decider: User | undefined;
  readonly whyNot: string | undefined;
}

/** @returns what waits for a second administrator, and what was decided of late. @throws not_permitted */
export async function listShownApprovals(deps: Deps, scope: Scope): Promise<readonly ShownApproval[]> {
  requirePermission(scope, "users.edit");
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const approvals = await listApprovals(tx, scope, deps.clock.now());
    const people = await findUsers(
      tx,
      scope,
      approvals.flatMap(({ userId, requestedBy, decidedBy }) => [
        userId,
        requestedBy,
        ...(decidedBy ? [decidedBy] : []),
      ]),
    );
    const requesterIds = approvals.map(({ requestedBy }) => requestedBy);
    const bench = await readBench(tx, scope, deps.clock.now(), requesterIds);
    return approvals.flatMap((approval) => {
      const [user, requester] = [people.get(approval.userId), people.get(approval.requestedBy)];
      if (!user || !requester) return [];
      const decider = people.get(approval.decidedBy ?? "");
      const shown = { approval, user, requester, decider };
      return [{ ...shown, whyNot: findReasonNotToDecide(scope, approval, { ...shown, bench }) }];
    });
  });
}

/**
 * What was asked for is done, once, in the name of who approves it.
 * @returns the temporary password that was made, where it was one; it is shown this once.
 * @throws not_permitted, step_up_required, not_found, approval_decided, and whatever the act throws
 */
export async function approve(
  deps: Deps,
  scope: Scope,
  input: { id: string },
): Promise<{ approval: Approval; set: TemporaryPasswordSet | undefined }> {
  const approval = await settle(deps, scope, { id: input.id, state: "approved" });
  try {
    return { approval, set: await run(deps, { ...scope, approved: approval.input }, approval) };
  } catch (error) {
    await deps.db.inInstance(scope.instance.id, async (tx) => {
      await recordFailure(tx, scope, approval.id);
      const why = error instanceof RekeyError ? `: ${error.detail}` : ".";
      const text = `${await wordsOf(tx, scope, approval)}: could not be done, though ${scope.actor.name} approved it${why}`;
      await notifyUser(tx, scope, deps.clock.now(), { ...TOLD.failed, text, userId: approval.requestedBy });
    });
    throw error;
  }
}

/** How who asked, and who decided, are told. */
const TOLD = {
  approved: { kind: "success", title: "Approvals" },
  refused: { kind: "info", title: "Approvals" },
  failed: { kind: "error", title: "Approvals" },
  undecided: { kind: "warning", title: "Approvals" },
} as const;

/** What the worker does when something has waited for a day: who asked is told that nobody has decided. */
export const endUndecided: JobHandler = async (deps, { instance }, tx, payload) => {
  const [scope, at] = [asSystem(instance), deps.clock.now()];
  const approval = await endOverdue(tx, scope, at, String(payload.approval_id));
  if (!approval) return;
  const text = `${await wordsOf(tx, scope, approval)}: nobody decided within a day. Ask again if it is still needed.`;
  await notifyUser(tx, scope, at, { ...TOLD.undecided, text, userId: approval.requestedBy });
};

async function wordsOf(tx: Tx, scope: Scope, { act, userId }: Approval): Promise<string> {
  return `${APPROVAL_WORDS[act]}, for ${(await getUser(tx, scope, userId)).name}`;
}

/** Nothing of it is done. @throws not_permitted, not_found, approval_decided */
export function refuse(deps: Deps, scope: Scope, input: { id: string }): Promise<Approval> {
  return settle(deps, scope, { id: input.id, state: "refused" });
}

function settle(deps: Deps, scope: Scope, to: { id: string; state: "approved" | "refused" }): Promise<Approval> {
  const action = to.state === "approved" ? "approval.approve" : "approval.refuse";
  const act = { action, target: targetOf(deps, scope, to.id) } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.edit");
    const at = deps.clock.now();
    const approval = await getApproval(tx, scope, at, to.id);
    const user = await getUser(tx, scope, approval.userId);
    const requester = await getUser(tx, scope, approval.requestedBy);
    const bench = await readBench(tx, scope, at, [requester.id]);
    requireMayDecide(scope, approval, { user, requester, bench, isRefusal: to.state === "refused" });
    if (to.state === "approved") requireFreshSignIn(scope, at);
    await decide(tx, scope, at, to);
    const detail = { approval_id: approval.id, act: approval.act, requested_by: approval.requestedBy };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail });
    const text = `${await wordsOf(tx, scope, approval)}: ${to.state}`;
    const told = { ...TOLD[to.state], userId: approval.requestedBy, text: `${text} by ${scope.actor.name}` };
    await notifyUser(tx, scope, at, told);
    if (to.state === "refused") await notify(tx, scope, at, { ...TOLD.refused, text });
    return approval;
  });
}

/** Whoever asked may still take it back, and what nobody may approve any more can be refused. */
function requireMayDecide(scope: Scope, approval: Approval, of: People & { isRefusal: boolean }): void {
  if (of.isRefusal && actingUserId(scope) === approval.requestedBy) return;
  const { isRefusal } = of;
  const reason =
    findReasonNotToJudge(scope, approval, of.user) ?? (isRefusal ? undefined : staleness(scope, approval, of));
  if (reason) throw new RekeyError("not_permitted", { detail: reason });
}

interface People {
  readonly user: User;
  readonly requester: User;
  readonly bench: Bench;
}

function findReasonNotToDecide(scope: Scope, approval: Approval, people: People): string | undefined {
  return findReasonNotToJudge(scope, approval, people.user) ?? staleness(scope, approval, people);
}

function findReasonNotToJudge(scope: Scope, { requestedBy }: Approval, user: User): string | undefined {
  if (scope.actor.type === "api_key") return "A person approves, no program.";
  if (actingUserId(scope) === requestedBy) return "You asked for it; another administrator decides.";
  return findReasonNotToActOn(scope, user);
}

/** @returns why what was asked for is not what would be done now, or is not for this one to agree to. */
function staleness(scope: Scope, { act, input }: Approval, { user, requester, bench }: People): string | undefined {
  const { status, frozenAt, role, firstName } = requester;
  const isEntitled = ROLES[role].permissions.has(ASKED_BY[act]) && ROLES[role].rank >= ROLES[user.role].rank;
  if (status === "inactive" || frozenAt || !isEntitled) return `${firstName} may not do this any more. Refuse it.`;
  const approvers = bench.approversOf({ target: user, askerId: requester.id });
  if (!approvers.some(({ id }) => id === actingUserId(scope)))
    return `${firstName} gave you your account or role within the last day, or has it from you or from the same hand; another administrator decides.`;
  if (input.sentTo !== undefined && fold(input.sentTo) !== fold(user.email))
    return "The address was changed since. Refuse it; it can be asked for again.";
  return undefined;
}

async function run(deps: Deps, scope: Scope, approval: Approval): Promise<TemporaryPasswordSet | undefined> {
  const { userId, requestedBy } = approval;
  const verification = approval.input.verification && { ...approval.input.verification, by: requestedBy };
  const input = { ...approval.input, verification };
  await RUNS[approval.act]?.(deps, scope, { userId, input });
  if (approval.act !== "set_temporary_password") return undefined;
  const { ticketId } = input;
  return setTemporaryPassword(deps, scope, {
    userId,
    mode: "generated",
    verification: verificationOf(input),
    ticketId,
  });
}

type Run = (deps: Deps, scope: Scope, of: { userId: string; input: ApprovalInput }) => Promise<unknown>;

const RUNS: Readonly<Partial<Record<ApprovalAct, Run>>> = {
  send_reset_link: (deps, scope, { userId, input }) => sendResetLink(deps, scope, { userId, ...input }),
  require_new_password: (deps, scope, { userId, input }) => requireNewPassword(deps, scope, { userId, ...input }),
  change_address: (deps, scope, { userId, input: { email } }) =>
    updateUser(deps, scope, { userId, changes: { email } }),
  correct_and_send: (deps, scope, { userId, input }) =>
    correctAndSend(deps, scope, { userId, ...input, email: input.email ?? "" }),
};

function verificationOf({ verification }: ApprovalInput): Verification {
  return verification ?? { method: "other", note: "" };
}

function targetOf(deps: Deps, scope: Scope, id: string) {
  return async (tx: Tx) => {
    const found = await getApproval(tx, scope, deps.clock.now(), id).catch(() => undefined);
    return found ? asTarget(await getUser(tx, scope, found.userId)) : ({ type: "user", id: null, name: "" } as const);
  };
}
