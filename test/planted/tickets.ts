import type { PlantedFault } from "../support/plant-fault.ts";

/** Faults in tickets: what moves them, what is told to whom, and what counts once. */
export const IN_TICKETS: readonly PlantedFault[] = [
  {
    row: "S17",
    sentence: "a ticket is moved whatever its status is by then",
    edits: [{ file: "src/tickets/ticket.ts", find: `    .where("status", "in", move.from)\n`, replace: "" }],
    test: { file: "src/tickets/loop.test.ts", name: "a link that ends unused, and nobody signed in" },
    database: "embedded",
  },
  {
    row: "S17",
    sentence: "an answer is looked up before it is used up, and not while it is",
    edits: [
      {
        file: "src/recovery/mail-token.ts",
        find: "    .where(sql<boolean>`not data ? ${of.mark}`)\n",
        replace: "",
      },
    ],
    test: { file: "src/tickets/answer.test.ts", name: "counts once, under fifty answers at once" },
    database: "postgres",
  },
  {
    row: "E1",
    sentence: "whoever names an address of theirs in a ticket is told of the account as its owner is",
    edits: [
      {
        file: "src/tickets/hear-of-recovery.ts",
        find: "const isOwner = requester.userId === user.id && fold(requester.email) === fold(user.email);",
        replace: "const isOwner = true;",
      },
    ],
    test: { file: "src/tickets/loop.test.ts", name: "tells a requester who writes from elsewhere nothing" },
    database: "embedded",
  },
  {
    row: "S17",
    sentence: "a link that joins a ticket while its mail is under way is not heard of",
    edits: [
      {
        file: "src/recovery/recovery-ticket.ts",
        find: "  if (accepted) await queueForTicket(tx, scope, at, [accepted.id]);\n",
        replace: "",
      },
    ],
    test: { file: "src/tickets/loop.test.ts", name: "a link that was under way before joins the ticket" },
    database: "embedded",
  },
];
