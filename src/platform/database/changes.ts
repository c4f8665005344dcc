import { type RawBuilder, sql } from "kysely";
import pg from "pg";

import { SECOND_MS } from "#lib/clock.ts";
import type { Log } from "#platform/log.ts";

const CHANNEL = "rekey_changes";
const AGAIN_AFTER_MS = SECOND_MS;

/** Tells of changes in an instance when the transaction that made them commits, in whichever process that was. */
export interface Changes {
  /** @returns what ends the listening. */
  onChange(instanceId: string, listener: () => void): () => void;
}

/** Whoever listens, and who tells them. */
export interface ChangeListeners extends Changes {
  tell(instanceId: string): void;
  /** For when some may have been missed. */
  tellAll(): void;
}

/** @returns an expression that tells of a change in the instance once its transaction commits; select or return it. */
export function changeOf(instanceId: string): RawBuilder<unknown> {
  return sql`pg_notify(${CHANNEL}, ${instanceId})`;
}

/** @returns listeners whom nobody tells anything yet. */
export function openListeners(): ChangeListeners {
  const listeners = new Map<string, Set<() => void>>();
  return {
    onChange(instanceId, listener) {
      const ours = listeners.get(instanceId) ?? new Set();
      listeners.set(instanceId, ours.add(listener));
      return () => {
        ours.delete(listener);
        if (ours.size === 0) listeners.delete(instanceId);
      };
    },
    tell: (instanceId) => {
      for (const listener of listeners.get(instanceId) ?? []) listener();
    },
    tellAll: () => {
      for (const ours of listeners.values()) for (const listener of ours) listener();
    },
  };
}

/** The listeners are told what this connection hears, from now on. */
export function hearOn(client: pg.ClientBase, listeners: ChangeListeners): Promise<unknown> {
  client.on("notification", ({ payload = "" }) => listeners.tell(payload));
  return client.query(`listen ${CHANNEL}`);
}

/**
 * A connection of its own hears for the listeners, and is made again whenever it is lost. A pooler that gives each transaction
 * another connection lets nothing through: who needs to know for certain also looks at times.
 * @returns what ends it.
 */
export function hearOnPostgres(databaseUrl: string, listeners: ChangeListeners, log: Log): () => Promise<void> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: "rekey changes", keepAlive: true });
    client = fresh;
    const again = once(() => {
      void fresh.end().catch(() => {});
      if (!isClosing) timer = setTimeout(() => void connect(), AGAIN_AFTER_MS);
    });
    fresh.on("error", again);
    fresh.on("end", again);
    try {
      await fresh.connect();
      await hearOn(fresh, listeners);
      listeners.tellAll();
    } catch (error) {
      log.debug("changes cannot be heard at the moment", { error: String(error) });
      again();
    }
  };

  void connect();
  return async () => {
    isClosing = true;
    clearTimeout(timer);
    await client?.end().catch(() => {});
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
