import type { PlantedFault } from "../support/plant-fault.ts";

const REDEEM = "src/recovery/redeem-reset-link.ts";
const ONE_REDEMPTION = { file: "src/recovery/redeem-once.test.ts", name: "sets exactly one password" };

/** Faults in how a link is made, kept and used up. */
export const IN_LINKS: readonly PlantedFault[] = [
  {
    row: "T3",
    sentence: "the statement that uses a link up does not ask whether it is still open",
    edits: [{ file: REDEEM, find: `    .where("state", "=", "open")\n`, replace: "" }],
    test: ONE_REDEMPTION,
    database: "embedded",
  },
  {
    row: "T3",
    sentence: "whether a link is open is asked before the statement that uses it up, and nothing is held in between",
    edits: [
      { file: REDEEM, find: `    .where("state", "=", "open")\n`, replace: "" },
      {
        file: REDEEM,
        find: `      if (!maySignIn(await lockUser(tx, scope, user.id))) throw new RekeyError("link_revoked");\n`,
        replace: `      requireLive(await getRecovery(tx, scope, recovery.id), scope.instance, at);\n`,
      },
    ],
    test: ONE_REDEMPTION,
    database: "postgres",
  },
  {
    row: "T2",
    sentence: "a mail waits in the outbox with its link",
    edits: [
      {
        file: "src/recovery/issue-reset-link.ts",
        find: `import { joinTicket } from`,
        replace: `import { linkOf } from "./reset-link.ts";\nimport { joinTicket } from`,
      },
      {
        file: "src/recovery/issue-reset-link.ts",
        find: "data: { requested_by: scope.actor.name,",
        replace:
          "data: { link: linkOf(tx.keyring, scope.instance, await getRecovery(tx, scope, of.recoveryId)), requested_by: scope.actor.name,",
      },
    ],
    test: { file: "src/recovery/link-secrecy.test.ts", name: "the database, its files" },
    database: "embedded",
  },
  {
    row: "T4",
    sentence: "a link works at the very moment of its end",
    edits: [
      { file: "src/recovery/recovery.ts", find: "now < recovery.expiresAt)", replace: "now <= recovery.expiresAt)" },
    ],
    test: { file: "src/recovery/link-expiry.test.ts", name: "with its lifetime, made by admin" },
    database: "embedded",
  },
  {
    row: "T7",
    sentence: "a link is not bound to its user",
    edits: [
      {
        file: "src/recovery/reset-link.ts",
        find: "[recovery.id, instance.id, recovery.userId, nonce]",
        replace: "[recovery.id, instance.id, nonce]",
      },
    ],
    test: { file: "src/recovery/link-binding.test.ts", name: "a recovery that comes to speak of another user" },
    database: "embedded",
  },
  {
    row: "T9",
    sentence: "the log names the path of a request",
    edits: [{ file: "src/app.ts", find: "route: routePath(c, -1),", replace: "route: routePath(c, -1) + c.req.path," }],
    test: { file: "src/recovery/link-secrecy.test.ts", name: "is in no answer of the API" },
    database: "embedded",
  },
  {
    row: "T10",
    sentence: "a forwarded host decides which instance is meant",
    edits: [
      {
        file: "src/app.ts",
        find: `c.req.header("Host") ?? ""`,
        replace: `c.req.header("X-Forwarded-Host") ?? c.req.header("Host") ?? ""`,
      },
    ],
    test: { file: "src/recovery/link-origin.test.ts", name: "whatever 40 kinds of headers say" },
    database: "embedded",
  },
  {
    row: "T8",
    sentence: "tokens that no mail ever held are not counted",
    edits: [
      {
        file: "src/recovery/guessed-token.ts",
        find: `error.code === "link_invalid") await`,
        replace: `error.code === "link_used") await`,
      },
    ],
    test: { file: "src/recovery/guessed-token.test.ts", name: "T8 finds nothing" },
    database: "embedded",
  },
];
