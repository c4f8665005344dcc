import type { PlantedFault } from "./support/plant-fault.ts";

const REDEEM = "src/recovery/redeem-reset-link.ts";
const MIGRATION = "migrations/0001_the_main_job.ts";
const ONE_REDEMPTION = { file: "src/recovery/redeem-once.test.ts", name: "sets exactly one password" };
const DELIVERY = "src/mail-delivery/deliver-emails.ts";
const SETTLEMENT = "src/mail-delivery/settle-email.ts";
const OUTBOX = "test/faults/outbox.test.ts";
const SEALED_RECORD = { file: "test/faults/audit-seals.test.ts", name: "1,000 changes" };
const WALL = "test/faults/wall.test.ts";
const SIGN_IN = "src/sign-in/sign-in.ts";
const LOCKED_MEANWHILE = `    if (await isLocked(tx, scope, deps.clock.now(), account.counter)) throw new RekeyError("invalid_credentials");\n`;

/** Every fault that the suite must notice, by the requirement that it breaks. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
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
    row: "T4",
    sentence: "a link works at the very moment of its end",
    edits: [
      { file: "src/recovery/recovery.ts", find: "now < recovery.expiresAt)", replace: "now <= recovery.expiresAt)" },
    ],
    test: { file: "src/recovery/link-expiry.test.ts", name: "with its lifetime, made by admin" },
    database: "embedded",
  },
  {
    row: "P3",
    sentence: "the last line of the operator's list is never looked at",
    edits: [{ file: "src/platform/password-list.ts", find: "let end = size;", replace: "let end = size - 42;" }],
    test: { file: "src/platform/password-list.test.ts", name: "a list of one, two or three is searched to its ends" },
    database: "embedded",
  },
  {
    row: "P3",
    sentence: "the operator's list is not asked about a password",
    edits: [
      {
        file: "src/credentials/password-policy.ts",
        find: "if (!passwordList || !(await isLeaked(passwordList, password))) return undefined;",
        replace: "if (!passwordList || (await isLeaked(passwordList, password))) return undefined;",
      },
    ],
    test: { file: "src/recovery/leaked-passwords.test.ts", name: "are refused on every path" },
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
    test: { file: "src/recovery/send-once.test.ts", name: "send one mail in the same second through the API" },
    database: "postgres",
  },
  {
    row: "E1",
    sentence: "who is inactive is told so at sign-in",
    edits: [
      {
        file: "src/sign-in/sign-in.ts",
        find: `    throw new RekeyError("invalid_credentials");\n  }\n`,
        replace: `    throw new RekeyError(refusal === "inactive" ? "user_inactive" : "invalid_credentials");\n  }\n`,
      },
    ],
    test: { file: "test/faults/same-answer.test.ts", name: "Sign in with the right password" },
    database: "embedded",
  },
  {
    row: "Z1",
    sentence: "one query forgets the instance, and the wall is missing on its table",
    edits: [
      {
        file: "src/users/user.ts",
        find: `tx.selectFrom("users").selectAll().where("instance_id", "=", scope.instance.id)`,
        replace: `tx.selectFrom("users").selectAll().where(sql.lit(scope.instance.id !== ""), "=", true)`,
      },
      {
        file: MIGRATION,
        find: `await sql.raw(wall(table)).execute(db);`,
        replace: `if (table !== "users") await sql.raw(wall(table)).execute(db);`,
      },
    ],
    test: { file: "test/faults/other-instance.test.ts", name: "answers as what does not exist" },
    database: "embedded",
  },
  {
    row: "Z2",
    sentence: "one table is left without the wall",
    edits: [
      {
        file: MIGRATION,
        find: `await sql.raw(wall(table)).execute(db);`,
        replace: `if (table !== "notifications") await sql.raw(wall(table)).execute(db);`,
      },
    ],
    test: { file: WALL, name: "shows no row of any table" },
    database: "embedded",
  },
  {
    row: "Z2",
    sentence: "the wall does not hold the tables' owner",
    edits: [{ file: MIGRATION, find: "  alter table ${table} force row level security;\n", replace: "" }],
    test: { file: WALL, name: "stands on every table" },
    database: "embedded",
  },
  {
    row: "L1",
    sentence: "refusals are not recorded",
    edits: [
      {
        file: "src/audit/audit-event.ts",
        find: "if (!(error instanceof RekeyError) || error.status >= 500) throw error;",
        replace: "if (deps) throw error;\n    if (!(error instanceof RekeyError)) throw error;",
      },
    ],
    test: { file: "test/faults/audit-record.test.ts", name: "a link that was used" },
    database: "embedded",
  },
  {
    row: "L3",
    sentence: "the seal of an event leaves its reason out",
    edits: [{ file: "src/audit/event-digest.ts", find: "audit_events.reason, ", replace: "" }],
    test: SEALED_RECORD,
    database: "embedded",
  },
  {
    row: "L3",
    sentence: "a mark on a seal is not compared",
    edits: [
      {
        file: "src/audit-seals/verify-record.ts",
        find: "expected !== undefined && !sameMac(expected, seal.mac)",
        replace: "expected !== undefined && seal.mac.length !== expected.length",
      },
    ],
    test: SEALED_RECORD,
    database: "postgres",
  },
  {
    row: "L3",
    sentence: "whatever waits is sealed, whoever put it there",
    edits: [
      {
        file: "src/audit/unsealed-event.ts",
        find: `sameMac(expected, mac) ? "fits" : "does_not_fit"`,
        replace: `sameMac(expected, mac) ? "fits" : "fits"`,
      },
    ],
    test: { file: "test/faults/sealing.test.ts", name: "names what waits" },
    database: "embedded",
  },
  {
    row: "L3",
    sentence: "a seal begins after the newest event of the one before, so that a late one is forgotten",
    edits: [
      {
        file: "src/audit-seals/seal-audit-events.ts",
        find: `    .where("waiting.next_attempt_at", "<=", of.until)\n`,
        replace: `    .where("waiting.next_attempt_at", "<=", of.until)
    .where(sql<boolean>\`not exists (select from audit_seals s where s.instance_id = waiting.instance_id
      and s.event_ids[s.event_count] >= waiting.event_id)\`)\n`,
      },
    ],
    test: { file: "test/faults/sealing.test.ts", name: "takes an act whose transaction ends late" },
    database: "postgres",
  },
  {
    row: "P6",
    sentence: "only the first 72 bytes of a password count",
    edits: [
      {
        file: "src/credentials/password-hash.ts",
        find: `return password.normalize("NFKC");`,
        replace: `return Buffer.from(password.normalize("NFKC")).subarray(0, 72).toString();`,
      },
    ],
    test: { file: "src/credentials/password-hash.test.ts", name: "P6 nothing is cut off" },
    database: "embedded",
  },
  {
    row: "P8",
    sentence: "a session that began with a temporary password may do everything",
    edits: [{ file: "src/app.ts", find: "  app.use(requireOwnPassword);\n", replace: "" }],
    test: { file: "src/recovery/temporary-password.test.ts", name: "P8 until it is changed" },
    database: "embedded",
  },
  {
    row: "Z3",
    sentence: "anybody who is signed in may change the settings",
    edits: [
      {
        file: "src/settings/update-settings.ts",
        find: `    requirePermission(scope, "settings.edit");\n`,
        replace: `    if (scope.instance.id === "") requirePermission(scope, "settings.edit");\n`,
      },
    ],
    test: { file: "test/faults/role-matrix.test.ts", name: "Z3 PATCH" },
    database: "embedded",
  },
  {
    row: "Z5",
    sentence: "a field that is not known is passed over",
    edits: [
      {
        file: "src/settings/api.ts",
        find: "z.strictObject(settingsSchema.partial().shape)",
        replace: "z.object(settingsSchema.partial().shape)",
      },
    ],
    test: { file: "test/faults/unknown-fields.test.ts", name: "Z5 a field too many" },
    database: "embedded",
  },
  {
    row: "A2",
    sentence: "two Owners who step down at once do not wait for one another",
    edits: [
      {
        file: "src/users/user.ts",
        find: "  await sql`select pg_advisory_xact_lock(hashtextextended(${`owners of ${id}`}, 0))`.execute(tx);\n",
        replace: `  if (id === "") throw new RekeyError("defect");\n`,
      },
    ],
    test: { file: "src/user-management/people.test.ts", name: "A2 the last Owner stays" },
    database: "postgres",
  },
  {
    row: "A2",
    sentence: "an administrator may act on a higher role",
    edits: [
      {
        file: "src/users/permissions.ts",
        find: "if (ROLES[target.role].rank > ROLES[actor.role].rank)",
        replace: "if (ROLES[target.role].rank > ROLES[actor.role].rank + 1)",
      },
    ],
    test: { file: "src/user-management/people.test.ts", name: "A2 nobody acts on a higher role" },
    database: "embedded",
  },
  {
    row: "A10",
    sentence: "the notification is kept before the mail is",
    edits: [
      {
        file: "src/recovery/send-reset-link.ts",
        find: "    await notify(tx, scope, at, LINK_SENT);\n",
        replace: "    await deps.db.inInstance(scope.instance.id, (own) => notify(own, scope, at, LINK_SENT));\n",
      },
    ],
    test: { file: "test/faults/true-notification.test.ts", name: "A10 through the page, whatever" },
    database: "postgres",
  },
  {
    row: "P11",
    sentence: "guesses are counted after they were looked at",
    edits: [
      {
        file: "src/sessions/own-password-guess.ts",
        find: "    await countTowardsLimit(tx, scope, deps.clock.now(), { key: guessesKey(userId), ...GUESSES });\n",
        replace: `    if (userId === "") await countTowardsLimit(tx, scope, deps.clock.now(), { key: guessesKey(userId), ...GUESSES });\n`,
      },
    ],
    test: { file: "src/recovery/own-password.test.ts", name: "P11 is throttled" },
    database: "embedded",
  },
  {
    row: "E2",
    sentence: "nobody's password is not checked",
    edits: [
      {
        file: "src/sign-in/sign-in.ts",
        find: "const isRight = await verifyCredential(attempt.password, credential);",
        replace: "const isRight = credential !== undefined && (await verifyCredential(attempt.password, credential));",
      },
    ],
    test: { file: "test/faults/same-time.test.ts", name: "E2 by Sign in" },
    database: "embedded",
  },
  {
    row: "E2",
    sentence: "the worker begins with a request before it is answered",
    edits: [
      {
        file: "src/recovery/request-recovery.ts",
        find: "setTimeout(deps.wakeWorker, FIRST_PAUSE_MS + Math.random() * FIRST_PAUSE_MS);",
        replace: "if (FIRST_PAUSE_MS > 0) deps.wakeWorker();",
      },
    ],
    test: { file: "test/faults/same-time.test.ts", name: "E2 by Forgot password?" },
    database: "embedded",
  },
  {
    row: "SE5",
    sentence: "requests of other sites are not refused",
    edits: [
      {
        file: "src/platform/http/same-site.ts",
        find: "  if (SAFE_METHODS.has(request.method)) return;\n",
        replace: `  if (SAFE_METHODS.has(request.method) || request.method !== "") return;\n`,
      },
    ],
    test: { file: "test/faults/cross-site.test.ts", name: "SE5" },
    database: "embedded",
  },
  {
    row: "F4",
    sentence: "a locked account lets in who knows the password",
    edits: [
      { file: SIGN_IN, find: `  if (locked) return "locked";\n`, replace: "" },
      { file: SIGN_IN, find: LOCKED_MEANWHILE, replace: "" },
    ],
    test: { file: "src/sign-in/lockout.test.ts", name: "begins with the tenth failure" },
    database: "embedded",
  },
  {
    row: "F4",
    sentence: "whether an account is locked is asked before the password is looked at, and not again",
    edits: [{ file: SIGN_IN, find: LOCKED_MEANWHILE, replace: "" }],
    test: { file: "src/sign-in/lockout.test.ts", name: "counts attempts made at once" },
    database: "postgres",
  },
  {
    row: "SE6",
    sentence: "a sign-in is fresh for ever",
    edits: [
      {
        file: "src/sessions/fresh-sign-in.ts",
        find: `actor.freshUntil <= at)`,
        replace: `actor.freshUntil.getTime() < 0 * at.getTime())`,
      },
    ],
    test: { file: "src/sessions/fresh-sign-in.test.ts", name: "SE6 is asked for a temporary password" },
    database: "embedded",
  },
  {
    row: "A4",
    sentence: "whoever asked for it approves it",
    edits: [
      {
        file: "src/user-management/decide-approval.ts",
        find: `  if (actingUserId(scope) === requestedBy) return "You asked for it; another administrator decides.";\n`,
        replace: "",
      },
      { file: "migrations/0017_approvals.ts", find: "decided_by not in (requested_by, user_id)", replace: "true" },
    ],
    test: { file: "src/approvals/approvals.test.ts", name: "A4 a temporary password waits" },
    database: "embedded",
  },
  {
    row: "A6",
    sentence: "a changed address is not held",
    edits: [
      {
        file: "src/recovery/held-address.ts",
        find: "(await isAddressProven(tx, scope, before)) ? after(at, DAY_MS)",
        replace: "(await isAddressProven(tx, scope, before)) ? after(at, -DAY_MS)",
      },
    ],
    test: { file: "src/approvals/approvals.test.ts", name: "A6 waits for a second administrator" },
    database: "embedded",
  },
];
