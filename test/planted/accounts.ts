import type { PlantedFault } from "../support/plant-fault.ts";

const SIGN_IN = "src/sign-in/sign-in.ts";
const LOCKED_MEANWHILE = { file: SIGN_IN, find: "if (!isSame || isStopped ||", replace: "if (!isSame ||" };

/** Faults in who comes in: passwords, sign-in, what strangers learn, and what a second administrator agrees to. */
export const IN_ACCOUNTS: readonly PlantedFault[] = [
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
    row: "E1",
    sentence: "who is inactive is told so at sign-in",
    edits: [
      {
        file: "src/sign-in/sign-in.ts",
        find: "    return { waits: account.waits };\n",
        replace: `    if (refusal === "inactive") throw new RekeyError("user_inactive");\n    return { waits: account.waits };\n`,
      },
    ],
    test: { file: "test/faults/same-answer.test.ts", name: "Sign in with the right password" },
    database: "embedded",
  },
  {
    row: "P6",
    sentence: "only the first 72 bytes of a password count",
    edits: [
      {
        file: "src/credentials/password-hash.ts",
        find: "return hash(compose(password), PARAMETERS);",
        replace: "return hash(Buffer.from(compose(password)).subarray(0, 72).toString(), PARAMETERS);",
      },
      {
        file: "src/credentials/password-hash.ts",
        find: "new Set([compose(password), ",
        replace: "new Set([Buffer.from(compose(password)).subarray(0, 72).toString(), ",
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
    sentence: "the link is made before the answer",
    edits: [
      {
        file: "src/recovery/request-recovery.ts",
        find: "  await queueForStranger(deps, scope, { kind: RECOVERY_REQUEST, payload });",
        replace:
          "  await deps.db.inInstance(scope.instance.id, (tx) => answerRecoveryRequest(deps, scope, tx, payload));",
      },
    ],
    test: { file: "test/faults/same-time.test.ts", name: "E2 by Forgot password?" },
    database: "embedded",
  },
  {
    row: "F4",
    sentence: "a locked account lets in who knows the password",
    edits: [{ file: SIGN_IN, find: `  if (locked) return "locked";\n`, replace: "" }, LOCKED_MEANWHILE],
    test: { file: "src/sign-in/lockout.test.ts", name: "begins with the tenth failure" },
    database: "embedded",
  },
  {
    row: "F4",
    sentence: "whether an account is locked is asked before the password is looked at, and not again",
    edits: [LOCKED_MEANWHILE],
    test: { file: "src/sign-in/lockout.test.ts", name: "refuses the right password, too" },
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
    row: "A7",
    sentence: "a hundred resets at once do not see one another",
    edits: [
      {
        file: "src/recovery/reset-brake.ts",
        find: "pg_advisory_xact_lock(hashtextextended(",
        replace: "(hashtextextended(",
      },
    ],
    test: { file: "src/recovery/reset-brake.test.ts", name: "A7 wait for another administrator" },
    database: "postgres",
  },
  {
    row: "A7",
    sentence: "nobody else has to agree that an administrator goes on",
    edits: [
      {
        file: "src/recovery/reset-brake.ts",
        find: "  if (!first) return;",
        replace: "  if (!first || first <= at) return;",
      },
    ],
    test: { file: "src/recovery/reset-brake.test.ts", name: "A7 wait for another administrator" },
    database: "embedded",
  },
  {
    row: "S13",
    sentence: "a click that is carried through a sign-in is done as often as it is sent",
    edits: [
      {
        file: "src/audit/once.ts",
        find: "if (claimed.numInsertedOrUpdatedRows === 0n) throw",
        replace: "if (claimed.numInsertedOrUpdatedRows === undefined) throw",
      },
    ],
    test: { file: "src/sign-in/sign-in-in-place.test.ts", name: "S13 each of" },
    database: "embedded",
  },
  {
    row: "F3",
    sentence: "everybody waits in one line, the flood in front",
    edits: [
      {
        file: "src/sign-in/sign-in-pace.ts",
        find: "return line(`${scope.instance.id} ${sourceOf(scope)}`, work);",
        replace: "return line(scope.instance.id, work);",
      },
    ],
    test: { file: "src/sign-in/sign-in-flood.test.ts", name: "F3 lets somebody from elsewhere pass" },
    database: "postgres",
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
  {
    row: "S18",
    sentence: "whoever has no password that works is told to have the lockout ended first",
    edits: [
      {
        file: "src/user-management/find-causes.ts",
        find: `  ["never_accepted", "new_password_required", "temporary_password_expired"],\n  ["locked"],`,
        replace: `  ["locked"],\n  ["never_accepted", "new_password_required", "temporary_password_expired"],`,
      },
    ],
    test: {
      file: "src/user-management/diagnosis.test.ts",
      name: "the true cause stands first, with what cures it, where somebody was locked by trying the expired",
    },
    database: "embedded",
  },
  {
    row: "S18",
    sentence: "a name with another number is taken for a slip of the finger",
    edits: [
      {
        file: "src/user-management/near-misses.ts",
        find: `(digits === others || digits === "" || others === "") && `,
        replace: `digits.length + others.length >= 0 && `,
      },
    ],
    test: {
      file: "src/user-management/diagnosis.test.ts",
      name: "the true cause stands first, with what cures it, where somebody has the number of a colleague",
    },
    database: "embedded",
  },
];
