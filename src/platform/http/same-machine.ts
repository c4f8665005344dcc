import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

const FORWARDING = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"];

/** @returns whether the connection comes from this machine and no proxy says that it stands between. The host is the caller's to judge. */
export function isFromSameMachine(c: Context): boolean {
  const peer = getConnInfo(c).remote.address ?? "";
  const isPeerLocal = /^(::ffff:)?127\./.test(peer) || peer === "::1";
  return isPeerLocal && FORWARDING.every((name) => c.req.header(name) === undefined);
}
