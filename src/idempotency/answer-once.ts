import type { MiddlewareHandler } from "hono";
import { sql } from "kysely";

import { forgetClaim } from "#audit/once.ts";
import type { Actor, Scope } from "#instances/scope.ts";
import { after, DAY_MS, MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";

/** An answer is repeated for this long. */
const KEPT_FOR_MS = DAY_MS;
/** A request that has not answered by then died with its process; the next one with its key runs. */
const LONGEST_REQUEST_MS = MINUTE_MS;
/** What is shown only once is not kept for a second time. */
const SHOWN_ONCE = new Set(["password", "key", "link"]);

/**
 * A POST with an Idempotency-Key that was answered before is answered the same again, without what is shown only once, and
 * nothing is done (draft-ietf-httpapi-idempotency-key-header). What was refused is tried again: nothing was done then. Where the
 * program ended after the act and before its answer was kept, the act is not done again either, but says that it was done.
 * @throws idempotency_conflict when the key came with another request, idempotency_in_progress while the first is under way,
 *   already_done
 */
export function answerOnce(deps: Deps): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    const key = c.req.header("Idempotency-Key");
    const { scope } = c.var;
    const actorId = scope.actor.id;
    if (key === undefined || c.req.method !== "POST" || actorId === null) return next();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new RekeyError("idempotency_malformed");
    const at = deps.clock.now();
    const digests = digestsOf(deps.keyring, scope.actor, [c.req.path, await c.req.text()]);
    const request = { actorId, key, digests };
    const inside = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => deps.db.inInstance(scope.instance.id, work);
    const earlier = await inside((tx) => begin(tx, scope, at, request));
    if (earlier) {
      c.header("Idempotency-Replayed", "true");
      const { status, answer } = earlier;
      return answer === null ? c.body(null, status as 204) : c.json(answer, status as 200);
    }
    const claiming = { ...scope, once: { key: `${actorId} ${key}`, isClaimed: false } };
    c.set("scope", claiming);
    await next();
    const given = c.res.ok ? { status: c.res.status, answer: withoutShownOnce(await readJson(c.res)) } : undefined;
    await inside(async (tx) => {
      await end(tx, scope, request, given);
      if (c.res.status >= 400 && c.res.status < 500) await forgetClaim(tx, claiming);
    });
  };
}

interface Request {
  readonly actorId: string;
  readonly key: string;
  /** By each secret that is known, the one that signs now first: an answer outlasts a rotation. */
  readonly digests: readonly Buffer[];
}

interface Answer {
  readonly status: number;
  /** Null for one without a body. */
  readonly answer: object | null;
}

/** Claims the key for this request. @returns the answer that it was given before. @throws idempotency_conflict, idempotency_in_progress */
async function begin(tx: Tx, scope: Scope, at: Date, request: Request): Promise<Answer | undefined> {
  const { id: instanceId } = scope.instance;
  await tx
    .deleteFrom("idempotency_keys")
    .where("instance_id", "=", instanceId)
    .where((row) =>
      row.or([
        row("created_at", "<", after(at, -KEPT_FOR_MS)),
        row.and([row("status", "is", null), row("created_at", "<", after(at, -LONGEST_REQUEST_MS))]),
      ]),
    )
    .execute();
  const claimed = await tx
    .insertInto("idempotency_keys")
    .values({
      instance_id: instanceId,
      actor_id: request.actorId,
      key: request.key,
      request_digest: request.digests[0] ?? Buffer.alloc(0),
      created_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (claimed.numInsertedOrUpdatedRows === 1n) return undefined;
  const row = await tx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("instance_id", "=", instanceId)
    .where("actor_id", "=", request.actorId)
    .where("key", "=", request.key)
    .executeTakeFirst();
  if (!row || !request.digests.some((digest) => row.request_digest.equals(digest)))
    throw new RekeyError("idempotency_conflict");
  if (row.status === null) throw new RekeyError("idempotency_in_progress", { retryAfterSeconds: 1 });
  return { status: row.status, answer: row.answer };
}

async function end(tx: Tx, scope: Scope, request: Request, given: Answer | undefined): Promise<void> {
  const own = sql<boolean>`instance_id = ${scope.instance.id} and actor_id = ${request.actorId} and key = ${request.key}`;
  if (!given) await tx.deleteFrom("idempotency_keys").where(own).execute();
  else
    await tx
      .updateTable("idempotency_keys")
      .set({ status: given.status, answer: JSON.stringify(given.answer) })
      .where(own)
      .execute();
}

/** A MAC rather than a hash: the body may hold a password, which a copy of the database must not let anybody try out. */
function digestsOf(keyring: Keyring, actor: Actor, request: readonly string[]): readonly Buffer[] {
  // With another role it is another request: who was demoted is not shown again what they saw before.
  const parts = ["role" in actor ? actor.role : "", ...request];
  return keyring.keyIds.flatMap((keyId) => keyring.sign(keyId, "idempotency", parts) ?? []);
}

async function readJson(response: Response): Promise<object | null> {
  const text = await response.clone().text();
  return text === "" ? null : (JSON.parse(text) as object);
}

function withoutShownOnce(answer: object | null): object | null {
  return answer && Object.fromEntries(Object.entries(answer).filter(([name]) => !SHOWN_ONCE.has(name)));
}
