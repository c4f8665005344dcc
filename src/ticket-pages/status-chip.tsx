import type { JSX } from "hono/jsx/jsx-runtime";

import type { TicketStatus } from "#platform/database/ticket-tables.ts";
import { STATUS_WORDS } from "#tickets/message-words.ts";
import { Chip, type ChipProps } from "#ui/chip.tsx";

const LOOKS: Readonly<Record<TicketStatus, Pick<ChipProps, "kind" | "icon">>> = {
  open: { kind: "info", icon: "inbox" },
  waiting_for_user: { kind: "waiting" },
  resolved: { kind: "success", icon: "user-check" },
  closed: { kind: "success" },
};

/** Says in a word whose turn it is. */
export function StatusChip({ status }: { readonly status: TicketStatus }): JSX.Element {
  return <Chip {...LOOKS[status]}>{STATUS_WORDS[status]}</Chip>;
}
