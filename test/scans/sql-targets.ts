import { addressOf } from "./finding.ts";
import type { ScannedProgram } from "./scanned-program.ts";

/** A request of which sqlmap attacks every parameter, or the places that are marked with an asterisk. */
export interface SqlTarget {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Who asks: the Owner, a stranger, or a stranger past the proxy, so that the Host header is theirs. */
  readonly as: "owner" | "stranger" | "direct";
  readonly target: string;
  readonly json?: object;
  readonly form?: string;
  readonly headers?: readonly string[];
}

/**
 * @returns every way in which a text from outside comes near a query: each list with its filters, each kind of id in an
 *   address, what strangers name themselves by, and what is written down.
 */
export function sqlTargets({ userId, recoveryId }: ScannedProgram): readonly SqlTarget[] {
  const user = `/api/v1/users/${userId}`;
  const owner = { method: "GET", as: "owner" } as const;
  const stranger = { method: "POST", as: "stranger" } as const;
  const cursor = Buffer.from(JSON.stringify([false, "a", userId])).toString("base64url");
  return [
    { ...owner, target: "/settings/users?q=le" },
    { ...owner, target: "/settings/audit?person=lee" },
    { ...owner, target: "/settings/sign-in-history?person=lee" },
    { ...owner, target: `/settings/users/${userId}*` },
    { ...owner, target: "/api/v1/users?q=le&status=all&role=member&sort=name&limit=5" },
    { ...owner, target: `/api/v1/users?sort=name&cursor=${cursor}*` },
    { ...owner, target: `/api/v1/recoveries?state=sent&method=reset_link&user_id=${userId}&cursor=${recoveryId}` },
    { ...owner, target: `/api/v1/audit-events?actor=${userId}&target=${userId}&cursor=${userId}` },
    { ...owner, target: "/api/v1/audit-events?action=user.create&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z" },
    { ...owner, target: `/api/v1/suppressed-addresses?limit=5&cursor=${userId}` },
    { ...owner, target: `${user}*` },
    { ...owner, target: `${user}*/sessions` },
    { ...owner, target: `${user}*/sign-ins` },
    { ...owner, target: `/api/v1/recoveries/${recoveryId}*` },
    { method: "DELETE", as: "owner", target: `/api/v1/api-keys/${userId}*` },
    { method: "DELETE", as: "owner", target: `/api/v1/suppressed-addresses/${userId}*` },
    { method: "POST", as: "owner", target: `/api/v1/approvals/${userId}*/refuse` },
    { method: "POST", as: "owner", target: `${user}/reset-links`, json: { reason: "by telephone" } },
    {
      method: "PATCH",
      as: "owner",
      target: user,
      json: { title: "Nurse", phone: "1", department: "Ward", reports_to: userId },
    },
    { method: "PATCH", as: "owner", target: "/api/v1/settings", json: { name: "Oak", reply_to: "desk@oak.example" } },
    { method: "POST", as: "owner", target: "/api/v1/api-keys", json: { name: "ward", scopes: ["users.read"] } },
    {
      ...owner,
      method: "POST",
      target: "/api/v1/api-keys",
      json: { name: "a", scopes: [] },
      headers: ["Idempotency-Key: ward*"],
    },
    { ...stranger, target: "/api/v1/session", json: { identifier: "lee*", password: "not the right one" } },
    { ...stranger, target: "/sign-in", form: "identifier=lee*&password=not+the+right+one&next=/settings*" },
    { ...stranger, target: "/api/v1/recovery-requests", json: { identifier: "lee" } },
    { ...stranger, target: "/forgot-password", form: "identifier=lee" },
    {
      ...stranger,
      target: "/api/v1/recovery-redemptions",
      json: { token: `${recoveryId}.abc*`, password: "quiet lantern meadow" },
    },
    { ...stranger, target: "/api/v1/recovery-redemptions/renew", json: { token: `${recoveryId}.abc` } },
    { method: "GET", as: "stranger", target: `/reset-password/${recoveryId}.abc*` },
    { method: "GET", as: "stranger", target: `/not-me/${recoveryId}.abc*` },
    { method: "GET", as: "stranger", target: "/api/v1/session", headers: ["Cookie: rekey=abc*; rekey-browser=abc*"] },
    { method: "GET", as: "stranger", target: "/api/v1/users", headers: ["Authorization: Bearer rk_abc*"] },
    { method: "GET", as: "direct", target: "/sign-in", headers: ["Host: localhost*"] },
  ];
}

/** @returns how a finding at the target names it. */
export function whereOf({ method, target }: SqlTarget): string {
  return `${method} ${addressOf(target.replaceAll("*", ""))}`;
}
