import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Family } from "./exposition.ts";

/** How often the event loop is asked to be on time. What is measured between two looks has this in it. */
const LOOK_EVERY_MS = 20;

/** Watches this process, from now on. @returns what reads how it fares; each reading begins the watch over its delays anew. */
export function watchProcess(): () => readonly Family[] {
  const delays = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  delays.enable();
  return () => {
    const delayMs = Math.max(0, delays.percentile(99) / 1e6 - LOOK_EVERY_MS);
    delays.reset();
    return [
      gauge("process_start_time_seconds", "When this process started, since 1970.", performance.timeOrigin / 1_000),
      gauge("process_resident_memory_bytes", "The memory that this process takes.", process.memoryUsage.rss()),
      gauge(
        "rekey_event_loop_delay_p99_seconds",
        "How late the event loop was since the last reading, 99th percentile.",
        delayMs / 1_000,
      ),
    ];
  };
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: "gauge", help, samples: [{ value }] };
}
