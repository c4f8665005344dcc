import { type Selectable, sql } from "kysely";

import { actingUserId, type Scope } from "#instances/scope.ts";
import { queueJob } from "#jobs/queue-job.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId, newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { ApprovalAct, ApprovalInput, ApprovalState } from "#platform/database/approval-tables.ts";
import type { InstanceTables } from "#platform/database/tables.ts";

/** Something that one administrator asked for and another has to approve before it happens. */
export interface Approval {
  readonly id: string;
  readonly act: ApprovalAct;
  /** The user to whom it would happen. */
  readonly userId: string;
  /** What was asked for; never a password. */
  readonly input: ApprovalInput;
  readonly state: ApprovalState | "expired" | "replaced";
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

/** Nobody remembers tomorrow why it was urgent. */
const WAITS_FOR_MS = DAY_MS;

/** Kind of the job that looks, once it has waited for that long, whether anybody has decided. */
export const APPROVAL_END = "approval_end";

/** How far back the list goes. */
const MOST_LISTED = 50;

interface Request {
  readonly act: ApprovalAct;
  readonly userId: string;
  readonly input: ApprovalInput;
}

/**
 * The request waits for another administrator. The same one, asked for again, waits once; with anything changed it is another
 * one, which takes the place of the first, so that nobody approves what they have not read.
 * @returns its id, and whether it is new.
 */
export async function requestApproval(
  tx: Tx,
  scope: Scope,
  at: Date,
  { act, userId, input }: Request,
): Promise<{ id: string; isNew: boolean }> {
  const id = newId();
  const requestedBy = actingUserId(scope) ?? "";
  const json = JSON.stringify(input);
  await endEarlier(tx, scope, at, { act, userId, requestedBy, json });
  const row = await tx
    .insertInto("approvals")
    .values({
      instance_id: scope.instance.id,
      id,
      act,
      user_id: userId,
      input: json,
      requested_by: requestedBy,
      requested_at: at,
      expires_at: after(at, WAITS_FOR_MS),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["instance_id", "act", "user_id", "requested_by"])
        .where("state", "=", "waiting")
        .doUpdateSet({ expires_at: after(at, WAITS_FOR_MS) }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  await queueJob(tx, scope, at, {
    kind: APPROVAL_END,
    payload: { approval_id: row.id },
    notBefore: after(at, WAITS_FOR_MS),
  });
  return { id: row.id, isNew: row.id === id };
}

/** @returns what waits, then what was decided of late, each newest first. */
export async function listApprovals(tx: Tx, scope: Scope, at: Date): Promise<readonly Approval[]> {
  const rows = await tx
    .selectFrom("approvals")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .orderBy(sql`state = 'waiting' and expires_at > ${at}`, "desc")
    .orderBy("id", "desc")
    .limit(MOST_LISTED)
    .execute();
  return rows.map((row) => toApproval(row, at));
}

/** @returns what waits that was asked for about this user, newest first. */
export async function listApprovalsAbout(tx: Tx, scope: Scope, at: Date, userId: string): Promise<readonly Approval[]> {
  const rows = await tx
    .selectFrom("approvals")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .where("state", "=", "waiting")
    .where("expires_at", ">", at)
    .orderBy("id", "desc")
    .execute();
  return rows.map((row) => toApproval(row, at));
}

/** @returns the approval. @throws not_found */
export async function getApproval(tx: Tx, scope: Scope, at: Date, id: string): Promise<Approval> {
  const row = isId(id)
    ? await tx
        .selectFrom("approvals")
        .selectAll()
        .where("instance_id", "=", scope.instance.id)
        .where("id", "=", id)
        .executeTakeFirst()
    : undefined;
  if (!row) throw new RekeyError("not_found");
  return toApproval(row, at);
}

/** @returns until when those of these approvals wait that nobody has decided, by id. */
export async function findWaitingApprovals(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await tx
    .selectFrom("approvals")
    .select(["id", "expires_at"])
    .where("instance_id", "=", scope.instance.id)
    .where("id", "in", ids)
    .where("state", "=", "waiting")
    .execute();
  return new Map(rows.map((row) => [row.id, row.expires_at]));
}

/** It is decided, once: check and change are one statement. @throws approval_decided */
export async function decide(
  tx: Tx,
  scope: Scope,
  at: Date,
  to: { id: string; state: "approved" | "refused" },
): Promise<void> {
  const decided = await tx
    .updateTable("approvals")
    .set({ state: to.state, decided_by: actingUserId(scope), decided_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", to.id)
    .where("state", "=", "waiting")
    .where("expires_at", ">", at)
    .executeTakeFirst();
  if (decided.numUpdatedRows === 0n) throw new RekeyError("approval_decided");
}

/** It was approved, and could not be done all the same. */
export async function recordFailure(tx: Tx, scope: Scope, id: string): Promise<void> {
  await tx
    .updateTable("approvals")
    .set({ state: "failed" })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .where("state", "=", "approved")
    .execute();
}

/** What has waited too long is over. @returns it, unless it was over before, or waits on. */
export async function endOverdue(tx: Tx, scope: Scope, at: Date, approvalId: string): Promise<Approval | undefined> {
  const row = await tx
    .updateTable("approvals")
    .set({ state: "refused", decided_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", approvalId)
    .where("state", "=", "waiting")
    .where("expires_at", "<=", at)
    .returningAll()
    .executeTakeFirst();
  return row && toApproval(row, at);
}

/** Nothing that was asked for waits any more, whoever asked. */
export async function refuseEveryApproval(tx: Tx, scope: Scope, at: Date): Promise<void> {
  await tx
    .updateTable("approvals")
    .set({ state: "refused", decided_by: actingUserId(scope), decided_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("state", "=", "waiting")
    .execute();
}

/** What waits to be approved with other words in it than these, or has waited too long, makes room. */
async function endEarlier(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { act: ApprovalAct; userId: string; requestedBy: string; json: string },
): Promise<void> {
  await tx
    .updateTable("approvals")
    .set({ state: "refused", decided_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("act", "=", of.act)
    .where("user_id", "=", of.userId)
    .where("requested_by", "=", of.requestedBy)
    .where("state", "=", "waiting")
    .where(sql<boolean>`(input <> ${of.json}::jsonb or expires_at <= ${at})`)
    .execute();
}

function toApproval(row: Selectable<InstanceTables["approvals"]>, at: Date): Approval {
  return {
    id: row.id,
    act: row.act,
    userId: row.user_id,
    input: row.input,
    state: stateOf(row, at),
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
  };
}

function stateOf(row: Selectable<InstanceTables["approvals"]>, at: Date): Approval["state"] {
  if (row.state === "waiting") return row.expires_at <= at ? "expired" : "waiting";
  if (row.state !== "refused" || row.decided_by !== null) return row.state;
  return row.decided_at && row.decided_at < row.expires_at ? "replaced" : "expired";
}
