import { Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import { EXPOSITION_TYPE } from "./exposition.ts";
import { METRICS_PATH, requireMayReadMetrics } from "./may-read.ts";
import { type ProcessFigures, readMetrics } from "./read-metrics.ts";
import { watchProcess } from "./watch-process.ts";

/** How the program fares, for Prometheus: whatever the host, since it is about no instance. */
export function metricsRoutes(deps: Deps, of: Omit<ProcessFigures, "readProcess"> & { token: string | undefined }) {
  const { token, ...figures } = of;
  const readProcess = watchProcess();
  return new Hono().get(METRICS_PATH, async (c) => {
    requireMayReadMetrics(c, token);
    return c.body(await readMetrics(deps, { ...figures, readProcess }), 200, { "Content-Type": EXPOSITION_TYPE });
  });
}
