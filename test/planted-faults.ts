import { IN_ACCOUNTS } from "./planted/accounts.ts";
import { IN_LINKS } from "./planted/links.ts";
import { IN_MAILS } from "./planted/mails.ts";
import { IN_TICKETS } from "./planted/tickets.ts";
import { IN_WALLS } from "./planted/walls.ts";
import type { PlantedFault } from "./support/plant-fault.ts";

/** Every fault that the suite must notice, by the requirement that it breaks. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...IN_LINKS,
  ...IN_ACCOUNTS,
  ...IN_MAILS,
  ...IN_TICKETS,
  ...IN_WALLS,
];
