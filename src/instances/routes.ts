import { Hono } from "hono";

import type { InstanceEnv } from "./scope.ts";

/** The instance's colour as a stylesheet: a strict Content-Security-Policy forbids it in the page itself. */
export function instanceRoutes(): Hono<InstanceEnv> {
  return new Hono<InstanceEnv>().get("/instance.css", (c) => {
    c.header("Cache-Control", "no-cache");
    return c.body(`:root{--accent-hue:${c.var.scope.instance.accentHue}}`, 200, {
      "Content-Type": "text/css; charset=utf-8",
    });
  });
}
