import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

import type { Scope } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { traceOf } from "#lib/error-words.ts";
import type { Deps } from "#platform/deps.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { findMissingPermission } from "#users/permissions.ts";
import { readTimelines, type TimelineEvent } from "./timeline.ts";

/** Where nothing is heard of changes, as behind some poolers, it is looked for them this often; proxies see that the stream lives. */
const LOOK_EVERY_MS = 5 * SECOND_MS;
/** Of many changes one after the other a page is told this often. */
const PAUSE_MS = SECOND_MS;

/** What is done at each look; `heard` when it was a change that woke it. */
type Look = (scope: Scope, stream: SSEStreamingApi, heard: boolean) => Promise<void>;

/** Streams the timeline of a recovery from its beginning, or from after `Last-Event-ID`, for as long as it may be seen. */
export function streamTimeline(deps: Deps, c: Context<SessionEnv>, recoveryId: string): Response {
  let sent: Set<string> | undefined;
  return follow(deps, c, async (scope, stream) => {
    const timelines = await deps.db.inInstance(scope.instance.id, (tx) => readTimelines(tx, scope, [recoveryId]));
    const timeline = timelines.get(recoveryId) ?? [];
    sent ??= new Set(idsUpTo(timeline, c.req.header("Last-Event-ID")));
    for (const { id, event, at, detail } of timeline) {
      if (sent.has(id)) continue;
      await stream.writeSSE({ id, event, data: JSON.stringify({ event, at, detail }) });
      sent.add(id);
    }
  });
}

function idsUpTo(timeline: readonly TimelineEvent[], id: string | undefined): readonly string[] {
  return timeline.slice(0, timeline.findIndex((each) => each.id === id) + 1).map((each) => each.id);
}

/** Streams an event `change` whenever something of the instance has changed. */
export function streamChanges(deps: Deps, c: Context<SessionEnv>): Response {
  let last: string | undefined;
  return follow(deps, c, async (scope, stream, heard) => {
    const newest = await findNewest(deps, scope);
    if (heard || (last !== undefined && newest !== last)) await stream.writeSSE({ event: "change", data: newest });
    last = newest;
  });
}

/** Looks now, at every change and now and then, until whoever asked goes away or may no longer see it. */
function follow(deps: Deps, c: Context<SessionEnv>, look: Look): Response {
  c.header("X-Accel-Buffering", "no"); // nginx would hold back a page's worth of events.
  const write = async (stream: SSEStreamingApi): Promise<void> => {
    const changes = waitForChanges(deps, c);
    stream.onAbort(changes.end);
    try {
      for (let heard = false; !changes.isOver(); heard = await changes.next()) {
        const scope = await c.var.actingNow();
        if (!scope || findMissingPermission(scope, "users.read")) return;
        await look(scope, stream, heard);
        await stream.write(": alive\n\n");
      }
    } catch (error) {
      // The stream ends, and who follows begins another.
      deps.log.warn("a stream of changes broke off", { error: traceOf(error) });
    } finally {
      changes.end();
    }
  };
  const response = streamSSE(c, write);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

interface ChangesOfInstance {
  /** Resolves at the next change, when it is time to look, or when it is over. @returns whether it was a change. */
  next(): Promise<boolean>;
  isOver(): boolean;
  end(): void;
}

function waitForChanges(deps: Deps, c: Context<SessionEnv>): ChangesOfInstance {
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted || deps.stopping.aborted;
  let hasChanged = false;
  let wake = (): void => {};
  const unsubscribe = deps.db.onChange(c.var.scope.instance.id, () => {
    hasChanged = true;
    wake();
  });
  const until = AbortSignal.any([over.signal, deps.stopping]);
  until.addEventListener("abort", () => wake());
  const sleep = (ms: number, canWake: boolean): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        if (!canWake && !isOver()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    isOver,
    end: () => {
      unsubscribe();
      over.abort();
    },
    next: async () => {
      if (!isOver()) await sleep(PAUSE_MS, false);
      if (!hasChanged && !isOver()) await sleep(LOOK_EVERY_MS, true);
      const heard = hasChanged;
      hasChanged = false;
      return heard;
    },
  };
}

/** @returns what is another text once something happened to a recovery or was said in a ticket. */
async function findNewest(deps: Deps, scope: Scope): Promise<string> {
  const newest = await deps.db.inInstance(scope.instance.id, (tx) =>
    Promise.all(
      (["recovery_events", "ticket_messages"] as const).map((table) =>
        tx
          .selectFrom(table)
          .select("id")
          .where("instance_id", "=", scope.instance.id)
          .orderBy("id", "desc")
          .limit(1)
          .executeTakeFirst(),
      ),
    ),
  );
  return newest.map((row) => row?.id ?? "").join(" ");
}
