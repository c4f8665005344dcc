import type { Edit } from "../support/plant-fault.ts";
import type { Finding } from "./finding.ts";
import type { ScannedProgram } from "./scanned-program.ts";
import { type SqlTarget, sqlTargets, whereOf } from "./sql-targets.ts";

const SQL = /SQL Injection/i;
const SCRIPT = /Cross Site Scripting/;
const LIST = /^GET \/settings\/users$/;

interface PlantedFlaw {
  readonly sentence: string;
  /** Who has to find it, and where. */
  readonly found: readonly { readonly by: Finding["by"]; readonly what: RegExp; readonly where: RegExp }[];
  readonly edits: readonly Edit[];
}

const NAME = `        <a class="person-name" href={href}>
          {name}`;

/** Mistakes of the kinds that the scanners are there for: a scanner that overlooks one of them proves nothing by silence. */
export const PLANTED_FLAWS: readonly PlantedFlaw[] = [
  {
    sentence: "what is searched for goes into the query as it is",
    found: [
      { by: "sqlmap", what: SQL, where: LIST },
      { by: "wapiti", what: /^Internal Server Error$/, where: LIST },
      { by: "database", what: /^error 42601$/, where: /search_text like/ },
    ],
    edits: [
      {
        file: "src/user-management/list-users.ts",
        find: `for (const pattern of searchPatterns(query.q ?? "")) users = users.where("search_text", "like", pattern);`,
        replace: "if (query.q) users = users.where(sql.raw<boolean>(`search_text like '%${query.q}%'`));",
      },
    ],
  },
  {
    sentence: "the name that a stranger signs in with goes into the query as it is",
    found: [{ by: "sqlmap", what: SQL, where: /^POST \/api\/v1\/session$/ }],
    edits: [
      {
        file: "src/users/user.ts",
        find: `.where(key.includes("@") ? "email_key" : "username_key", "=", key)`,
        replace: `.where(sql.raw<boolean>(\`\${key.includes("@") ? "email_key" : "username_key"} = '\${key}'\`))`,
      },
    ],
  },
  {
    sentence: "the id of an address goes into the query as it is",
    found: [{ by: "sqlmap", what: SQL, where: /^GET \/api\/v1\/users\/:id$/ }],
    edits: [
      {
        file: "src/users/user.ts",
        find: `const row = isId(id) ? await usersOf(tx, scope).where("id", "=", id).executeTakeFirst() : undefined;`,
        replace: "const row = await usersOf(tx, scope).where(sql.raw<boolean>(`id = '${id}'`)).executeTakeFirst();",
      },
    ],
  },
  {
    sentence: "what was searched for stands in the page as it is",
    found: [{ by: "wapiti", what: SCRIPT, where: LIST }],
    edits: [
      {
        file: "src/user-management/users-page.tsx",
        find: "title={`Nobody goes by “${query.q}”`}",
        replace: "title={raw(query.q)}",
      },
      {
        file: "src/user-management/users-page.tsx",
        find: `import type { Child } from "hono/jsx";`,
        replace: `import type { Child } from "hono/jsx";\nimport { raw } from "hono/html";`,
      },
    ],
  },
  {
    sentence: "the name that a stranger typed comes back as it is",
    found: [{ by: "wapiti", what: SCRIPT, where: /^POST \/sign-in$/ }],
    edits: [
      {
        file: "src/sign-in/pages.tsx",
        find: `      <FormFaults faults={fault`,
        replace: `      {raw(identifier ?? "")}\n      <FormFaults faults={fault`,
      },
      {
        file: "src/sign-in/pages.tsx",
        find: `import { FormFaults }`,
        replace: `import { raw } from "hono/html";\nimport { FormFaults }`,
      },
    ],
  },
  {
    sentence: "a name stands in the list as it was given",
    found: [{ by: "wapiti", what: SCRIPT, where: /^POST \/settings\/users\/:id\/edit$/ }],
    edits: [
      { file: "src/ui/person.tsx", find: NAME, replace: NAME.replace("{name}", "{raw(name)}") },
      {
        file: "src/ui/person.tsx",
        find: `import { Initials }`,
        replace: `import { raw } from "hono/html";\nimport { Initials }`,
      },
    ],
  },
];

/** All of them at once. */
export const PLANTED_EDITS: readonly Edit[] = PLANTED_FLAWS.flatMap(({ edits }) => edits);

/** @returns the requests of those that sqlmap attacks in earnest, of which it has to find each here. */
export function plantedTargets(program: ScannedProgram): readonly SqlTarget[] {
  const wanted = PLANTED_FLAWS.flatMap(({ found }) => found).filter(({ by }) => by === "sqlmap");
  return sqlTargets(program).filter((target) => wanted.some(({ where }) => where.test(whereOf(target))));
}
