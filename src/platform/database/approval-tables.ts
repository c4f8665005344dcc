import type { Generated, JSONColumnType } from "kysely";

import type { Fixed } from "./column-types.ts";

export type VerificationMethod = "in_person" | "video_call" | "call_back" | "manager" | "other";

/** What may need a second administrator. */
export type ApprovalAct =
  | "send_reset_link"
  | "set_temporary_password"
  | "require_new_password"
  | "change_address"
  | "correct_and_send"
  | "go_on";
export type ApprovalState = "waiting" | "approved" | "refused" | "failed";
/** What is needed to do it later just as it was asked for; never a password. */
export interface ApprovalInput {
  readonly email?: string | undefined;
  /** Where the way in goes that is asked for. */
  readonly sentTo?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly reason?: string | undefined;
  readonly verification?: { readonly method: VerificationMethod; readonly note: string } | undefined;
}

export interface ApprovalsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  act: Fixed<ApprovalAct>;
  user_id: Fixed<string>;
  input: JSONColumnType<ApprovalInput>;
  state: Generated<ApprovalState>;
  requested_by: Fixed<string>;
  requested_at: Fixed<Date>;
  expires_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
}
