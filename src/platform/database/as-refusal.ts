import type { ErrorCode } from "#lib/error-codes.ts";
import { codeOf } from "#lib/error-words.ts";
import { RekeyError } from "#lib/errors.ts";
import { isStalePlan } from "./transaction.ts";

/** Rules that the database holds where two requests at once both found a name free; the second is refused in the same words. */
const UNIQUE_RULES: Readonly<Record<string, ErrorCode>> = {
  users_email_unique: "email_taken",
  users_username_unique: "username_taken",
  instances_host_unique: "origin_taken",
  instances_origin_unique: "origin_taken",
};

/** What the operator or time can mend is a refusal that says so; anything else is a defect and stays what it is. */
export function asRefusal(error: unknown): unknown {
  if (codeOf(error) === "53100" || codeOf(error) === "ENOSPC")
    return new RekeyError("disk_full", { cause: error, retryAfterSeconds: 60 });
  const taken = UNIQUE_RULES[constraintOf(error)];
  if (taken) return new RekeyError(taken, { cause: error });
  return isConnectionFailure(error) ? new RekeyError("unavailable", { cause: error, retryAfterSeconds: 2 }) : error;
}

/** Connection lost or refused, server starting or stopping, too many clients, too long a wait for any of it (PostgreSQL, appendix A). */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (
    isStalePlan(error) ||
    /^(08|57P0[123]|57014|55P03|25P03|53300)/.test(code) ||
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"].includes(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable/.test(
      error.message,
    )
  );
}

function constraintOf(error: unknown): string {
  return error instanceof Error && "constraint" in error ? String(error.constraint) : "";
}
