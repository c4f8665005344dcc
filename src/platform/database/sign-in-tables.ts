import type { Generated } from "kysely";

import type { Fixed } from "./column-types.ts";

/*
 * By what people come in, and what keeps them out.
 */

export type CredentialKind = "permanent" | "temporary" | "refused";

export interface CredentialsTable {
  instance_id: Fixed<string>;
  user_id: Fixed<string>;
  kind: Generated<CredentialKind>;
  password_hash: string;
  is_generated: Generated<boolean>;
  expires_at: Date | null;
  set_at: Date;
}

export interface SessionsTable {
  instance_id: Fixed<string>;
  /** Names the session; the secret in the cookie is another, of which only the digest is kept. */
  id: Fixed<string>;
  id_digest: Buffer;
  user_id: Fixed<string>;
  created_at: Fixed<Date>;
  last_active_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  /** When the person last showed with their password that it is them, after signing in. */
  confirmed_at: Date | null;
  source_address: string;
  user_agent: string | null;
}

/** Failed sign-ins in a row. */
export interface SignInFailuresTable {
  instance_id: Fixed<string>;
  /** The id of a user, or what stands for a name that nobody has. */
  account: Fixed<string>;
  /** Empty, or what stands for a browser that is known to the account. */
  browser: Fixed<string>;
  failures: number;
  locked_until: Date | null;
  ends_at: Date;
}

export interface KnownBrowsersTable {
  instance_id: Fixed<string>;
  user_id: Fixed<string>;
  id_digest: Fixed<Buffer>;
  user_agent: string | null;
  source_address: string;
  last_used_at: Date;
}
