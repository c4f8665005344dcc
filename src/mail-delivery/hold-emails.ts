import { traceOf } from "#lib/error-words.ts";
import { getInstance } from "#instances/instance.ts";
import { after, SECOND_MS } from "#lib/clock.ts";
import { fold } from "#lib/text.ts";
import type { Claim, Queue, Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { Draft, Email, MailKinds } from "./email.ts";
import { prepareMails } from "./prepare-mails.ts";
import type { Held } from "./settle-email.ts";
import { findSuppressions, type SuppressedAddress } from "./suppressed-address.ts";

/** A mail is claimed anew this long after its worker was last heard of; jobs resume within 30 seconds of a crash. */
const LEASE_MS = 20 * SECOND_MS;
const HOLD_EVERY_MS = 5 * SECOND_MS;

/** A mail with all that was read to write it. */
export interface PreparedMail extends Held {
  /** Undefined where nobody writes mails of its kind. */
  readonly draft: Draft | undefined;
  /** Why nothing is sent to its address, where mails to it come back. */
  readonly suppressed: SuppressedAddress | undefined;
}

/** What a worker holds of a queue, which no other worker takes. */
export interface Holding {
  /** Claims mails that are due, so many at most, and reads what they are about. */
  claim(limit: number): Promise<readonly PreparedMail[]>;
  /** @returns whether the mail may be sent: while a machine slept, another worker may have taken it. */
  holds(mail: Held): Promise<boolean>;
  /** The mail was dealt with; if it was not settled, it falls due when its lease ends. */
  release(mail: Held): void;
  /** Gives back what is still held: it is due at once. */
  end(): Promise<void>;
}

/** Holds nothing yet. A slow server is no reason for another worker to send the same mail: what is held stays so until it ends. */
export function holdEmails(deps: Deps, kinds: MailKinds, queue: Queue): Holding {
  const held = new Set<Claim>();
  let heldUntil = new Date(0);

  const holdUntil = async (until: Date): Promise<void> => {
    const claims = [...held];
    try {
      const ids = new Set(await deps.db.hold(queue, claims, until));
      for (const claim of claims) if (!ids.has(claim.id)) held.delete(claim);
      heldUntil = until;
    } catch (error) {
      deps.log.warn("mails under way could not be held", { error: traceOf(error) });
    }
  };
  const renew = (): Promise<void> => holdUntil(after(deps.clock.now(), LEASE_MS));
  const holding = setInterval(() => void renew(), HOLD_EVERY_MS);

  return {
    claim: async (limit) => {
      if (limit === 0) return [];
      // Otherwise it would claim its own mails once more.
      if (held.size > 0 && deps.clock.now() >= heldUntil) await renew();
      const now = deps.clock.now();
      const claims = await deps.db.claim(queue, now, { limit, leaseMs: LEASE_MS });
      if (held.size === 0) heldUntil = after(now, LEASE_MS);
      for (const claim of claims) held.add(claim);
      const mails: PreparedMail[] = [];
      for (const [instanceId, ofInstance] of Map.groupBy(claims, (claim) => claim.instanceId))
        mails.push(...(await prepare(deps, kinds, instanceId, ofInstance)));
      return mails;
    },
    holds: async ({ claim }) => {
      if (deps.clock.now() >= heldUntil) await renew();
      return held.has(claim) && deps.clock.now() < heldUntil;
    },
    release: ({ claim }) => void held.delete(claim),
    end: async () => {
      clearInterval(holding);
      await holdUntil(deps.clock.now());
    },
  };
}

/** The mails are read in a transaction of their own that ends before any conversation with a server begins. */
function prepare(
  deps: Deps,
  kinds: MailKinds,
  instanceId: string,
  claims: readonly Claim[],
): Promise<readonly PreparedMail[]> {
  return deps.db.inInstance(instanceId, async (tx) => {
    const [instance, emails] = await Promise.all([getInstance(tx, instanceId), readEmails(tx, instanceId, claims)]);
    const addresses = [...emails.values()].map((email) => email.to_address);
    const [suppressions, draftOf] = await Promise.all([
      findSuppressions(tx, instance, addresses),
      prepareMails(tx, kinds, { instance, emails: [...emails.values()] }),
    ]);
    return claims.flatMap((claim) => {
      const email = emails.get(claim.id);
      if (!email) return [];
      return [{ instance, claim, email, draft: draftOf(email), suppressed: suppressions.get(fold(email.to_address)) }];
    });
  });
}

async function readEmails(tx: Tx, instanceId: string, claims: readonly Claim[]): Promise<ReadonlyMap<string, Email>> {
  const ids = claims.map(({ id }) => id);
  const rows = await tx
    .selectFrom("emails")
    .selectAll()
    .where("instance_id", "=", instanceId)
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
