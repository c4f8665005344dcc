import type { PlantedFault } from "../support/plant-fault.ts";

const DELIVERY = "src/mail-delivery/deliver-emails.ts";
const SETTLEMENT = "src/mail-delivery/settle-email.ts";
const OUTBOX = "test/faults/outbox.test.ts";

/** Faults in how mails leave, and in what is said of them. */
export const IN_MAILS: readonly PlantedFault[] = [
  {
    row: "M2",
    sentence: "mails end side by side",
    edits: [{ file: DELIVERY, find: "{ ...message, beforeEnd: turn.take }", replace: "message" }],
    test: { file: OUTBOX, name: "a kill repeats one mail at most" },
    database: "postgres",
  },
  {
    row: "M3",
    sentence: "a mail is settled before it is sent",
    edits: [
      {
        file: DELIVERY,
        find: "const handover = await delivery.transport.send({ ...message, beforeEnd: turn.take });",
        replace: `const handover: Handover = { outcome: "accepted", server: "", answer: "" };`,
      },
      {
        file: DELIVERY,
        find: "    await settleEmail(deps, delivery.kinds, { ...mail, handover, onRecorded: turn.release });\n  } finally",
        replace:
          "    await settleEmail(deps, delivery.kinds, { ...mail, handover, onRecorded: turn.release });\n    await delivery.transport.send(message);\n  } finally",
      },
    ],
    test: { file: OUTBOX, name: "M3: takes every link" },
    database: "embedded",
  },
  {
    row: "M2",
    sentence: "an attempt that was overtaken settles the mail",
    edits: [{ file: SETTLEMENT, find: " and attempts = ${claim.attempt}", replace: "" }],
    test: { file: OUTBOX, name: "lets an answer decide nothing" },
    database: "embedded",
  },
  {
    row: "M3",
    sentence: "a server that refuses our sign-in has refused the mail",
    edits: [{ file: "src/platform/mail/smtp-transport.ts", find: `  "EAUTH",\n`, replace: "" }],
    test: { file: OUTBOX, name: "gives up no mail to a server that refuses our sign-in" },
    database: "embedded",
  },
  {
    row: "M4",
    sentence: "the end of a mail in the words of its warning is taken for the warning again",
    edits: [
      {
        file: "src/mail-delivery/record-report.ts",
        find: `.$if(outcome === "delayed", (query) => query.where("answer", "<>", answer))`,
        replace: `.where("answer", "<>", answer)`,
      },
    ],
    test: { file: "src/mail-delivery/bounces.test.ts", name: "that the mail was given up is followed" },
    database: "embedded",
  },
  {
    row: "M5",
    sentence: "the envelope holds a text, which is read as a list",
    edits: [
      {
        file: "src/platform/mail/smtp-transport.ts",
        find: "to: asOne(message.to) },",
        replace: "to: [message.to] },",
      },
    ],
    test: {
      file: "src/platform/mail/mail-injection.test.ts",
      name: "has one recipient and its own headers, whatever of 200 payloads stands in the recipient",
    },
    database: "embedded",
  },
  {
    row: "M7",
    sentence: "mails to one address are counted from the first one rather than over the hour that ends now",
    edits: [
      {
        file: "src/recovery/mail-quota.ts",
        find: `after(at, -HOUR_MS)`,
        replace: `new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)`,
      },
    ],
    test: { file: "src/recovery/mail-quota.test.ts", name: "M7 one address gets five" },
    database: "embedded",
  },
  {
    row: "M7",
    sentence: "an administrator has no quota at all",
    edits: [
      {
        file: "src/recovery/mail-quota.ts",
        find: `if (of.origin === "admin") await`,
        replace: `if (of.origin === "operator") await`,
      },
    ],
    test: { file: "src/recovery/mail-quota.test.ts", name: "is apart, is told" },
    database: "embedded",
  },
  {
    row: "M8",
    sentence: "acts on one person do not wait for one another",
    edits: [{ file: "src/users/user.ts", find: ".forNoKeyUpdate()", replace: "" }],
    test: { file: "src/recovery/send-once.test.ts", name: "by three people at the desk" },
    database: "postgres",
  },
  {
    row: "A10",
    sentence: "the notification is kept before the mail is",
    edits: [
      {
        file: "src/recovery/send-reset-link.ts",
        find: "    await notify(tx, scope, at, { ...LINK_SENT, about: user.name });\n",
        replace: "    await deps.db.inInstance(scope.instance.id, (own) => notify(own, scope, at, LINK_SENT));\n",
      },
    ],
    test: { file: "test/faults/true-notification.test.ts", name: "A10 through the page, whatever" },
    database: "postgres",
  },
];
