import type { FieldFault } from "#lib/errors.ts";

/** What was filled in beside what is wrong with it. */
export interface TicketForms {
  readonly text: string;
  readonly externalUrl: string;
  /** Whose account it was said to be about. */
  readonly account: string;
  readonly faults: readonly FieldFault[];
}
