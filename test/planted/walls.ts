import type { PlantedFault } from "../support/plant-fault.ts";

const MIGRATION = "migrations/0001_the_main_job.ts";
const SEALED_RECORD = { file: "test/faults/audit-seals.test.ts", name: "1,000 changes" };
const WALL = "test/faults/wall.test.ts";

/** Faults in who may do what, in the wall around an instance, and in the record. */
export const IN_WALLS: readonly PlantedFault[] = [
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
    test: { file: "src/user-management/people.test.ts", name: "A2 the last Owner stays, when two" },
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
    row: "Z7",
    sentence: "the scope of whoever came last is everybody's",
    edits: [
      {
        file: "src/recognise.ts",
        find: "/** From here on the actor is whoever",
        replace: "let last: Scope | undefined;\n\n/** From here on the actor is whoever",
      },
      {
        file: "src/recognise.ts",
        find: "    actAs(c, session);\n",
        replace: `    actAs(c, session);\n    if (session) last = scopeOf(scope, session);\n    await deps.db.ping();\n    if (session && last) c.set("scope", last);\n`,
      },
    ],
    test: { file: "test/faults/mixed-load.test.ts", name: "Z7 never show or touch each other" },
    database: "postgres",
  },
  {
    row: "P10",
    sentence: "the record of a failed sign-in holds the password for the name",
    edits: [
      { file: "src/sign-in/sign-in.ts", find: "keepable(attempt.identifier)", replace: "keepable(attempt.password)" },
    ],
    test: { file: "test/faults/password-canary.test.ts", name: "P10 comes back nowhere" },
    database: "embedded",
  },
];
