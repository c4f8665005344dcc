import { timingSafeEqual } from "node:crypto";

import type { Context } from "hono";

import { isLoopback } from "#lib/origin.ts";
import { RekeyError } from "#lib/errors.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import { isFromSameMachine } from "#platform/http/same-machine.ts";

/** Where the figures are read. */
export const METRICS_PATH = "/metrics";

/**
 * Goes on for a program on this machine, and for whoever brings the token.
 * @param token undefined where the configuration names none; nobody else learns then that there is anything.
 * @throws not_found, metrics_token_invalid
 */
export function requireMayReadMetrics(c: Context, token: string | undefined): void {
  // A page of another site would bring its own host (DNS rebinding).
  if (isFromSameMachine(c) && isLoopback(c.req.url)) return;
  if (token === undefined) throw new RekeyError("not_found");
  const given = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  // Digests are of one length, whatever was given.
  if (given !== undefined && timingSafeEqual(digestOf(given), digestOf(token))) return;
  c.header("WWW-Authenticate", "Bearer");
  throw new RekeyError("metrics_token_invalid");
}
