import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path/posix";
import { before, suite, test } from "node:test";

import { ROOT } from "./support/child.ts";
import { readSources, type Source, type SourceImport } from "./support/source-tree.ts";

/** The folders of src/, lowest floor first. Whoever adds a folder decides here what it may know of. */
const FLOORS = [
  "lib",
  "platform",
  "ui",
  "instances",
  "audit",
  "rate-limits",
  "notifications",
  "jobs",
  "mail-delivery",
  "mail-doctor",
  "users",
  "credentials",
  "sessions",
  "api-keys",
  "approvals",
  "idempotency",
  "recovery",
  "tickets",
  "instance-requests",
  "sign-in",
  "audit-seals",
  "audit-trail",
  "other-instances",
  "account",
  "settings",
  "mail-status",
  "metrics",
  "user-management",
  "ticket-pages",
  "user-import",
  "dashboard",
  "operator",
  "demo",
];

/** The files directly in src/, which alone know every feature. */
const ROOF = new Set([
  "main",
  "server",
  "app",
  "recognise",
  "request-bodies",
  "refusal",
  "well-known",
  "worker",
  "bounces",
  "wrong-method",
  "cli",
  "demo",
  "foundation",
  "program",
  "config",
]);

/** @returns a sentence for each place where the rule is broken. */
type Rule = (sources: readonly Source[]) => string[];

/** The rules, each with sources that break it: a rule that cannot fail would be worth nothing. */
const RULES: readonly { sentence: string; rule: Rule; faults: readonly Record<string, string>[] }[] = [
  {
    sentence: "every folder and every file in src/ has its floor",
    rule: (sources) => sources.filter(({ path: file }) => floorOf(file) < 0).map(({ path: file }) => file),
    faults: [{ "src/utils/text.ts": "" }, { "src/helpers.ts": "" }],
  },
  {
    sentence: "a file imports from its own folder or a floor below, types included",
    rule: forEachImport((from, to) => floorOf(from) >= 0 && floorOf(to) > floorOf(from)),
    faults: [
      { "src/lib/a.ts": 'import { b } from "#platform/b.ts";' },
      { "src/users/a.ts": 'import type { B } from "#recovery/b.ts";' },
      { "src/users/a.ts": 'export * from "#recovery/b.ts";' },
      { "src/users/a.ts": 'const b = await import("#recovery/b.ts");' },
      { "src/users/a.ts": 'let b: import("#recovery/b.ts").B;' },
      { "src/users/a.tsx": 'import { b } from "../recovery/b.ts"; export const c = <p>{b}</p>;' },
      { "src/users/a.test.ts": 'import { b } from "#recovery/b.ts";' },
      { "src/platform/http/a.ts": 'import type { Config } from "#config.ts";' },
    ],
  },
  {
    sentence: "no file imports itself in a circle",
    rule: circles,
    faults: [
      {
        "src/users/a.ts": 'import "./b.ts";',
        "src/users/b.ts": 'import type { C } from "./c.ts";',
        "src/users/c.ts": 'import "./a.ts";',
      },
      {
        "src/platform/http/a.ts": 'import "#platform/log.ts";',
        "src/platform/log.ts": 'import "#platform/http/a.ts";',
      },
    ],
  },
  {
    sentence: "only app.ts imports a feature's routes and api",
    rule: forEachImport((from, to) => /\/(routes|api)\.tsx?$/.test(to) && isFeature(to) && from !== "src/app.ts"),
    faults: [
      { "src/users/a.ts": 'import { routes } from "./routes.tsx";' },
      { "src/worker.ts": 'import { api } from "#users/api.ts";' },
    ],
  },
  {
    sentence: "only config.ts reads process.env",
    rule: (sources) =>
      sources.flatMap(({ path: file, environmentLines }) =>
        file === "src/config.ts" ? [] : environmentLines.map((line) => `${file}:${line}`),
      ),
    faults: [
      { "src/lib/a.ts": "process.env.PORT;" },
      { "src/lib/a.ts": 'process["env"];' },
      { "src/lib/a.ts": "const { env } = process;" },
      { "src/lib/a.ts": "const { env: e } = globalThis.process;" },
      { "src/lib/a.ts": 'import { env } from "node:process";' },
    ],
  },
  {
    sentence: "no folder hides behind an index.ts",
    rule: (sources) => sources.map(({ path: file }) => file).filter((file) => /\/index\.tsx?$/.test(file)),
    faults: [{ "src/users/index.ts": "" }, { "src/ui/index.tsx": "" }],
  },
  {
    sentence: "routes, api and pages build no query",
    rule: (sources) =>
      sources
        .filter(({ path: file }) => /[/-](routes|api|pages?)\.tsx?$/.test(file))
        .flatMap(({ path: file, queryLines }) => queryLines.map((line) => `${file}:${line}`)),
    faults: [
      { "src/users/routes.ts": 'db.selectFrom("users");' },
      { "src/users/api.ts": 'db?.insertInto("users");' },
      { "src/users/pages.tsx": 'const a = <p>{db.updateTable("users")}</p>;' },
      { "src/users/routes.tsx": 'db.deleteFrom("users");' },
      { "src/users/user-page.tsx": "sql<number>`select 1`;" },
    ],
  },
  {
    sentence: "an import starts with ./ in the same folder and with # in another",
    rule: forEachImport(
      (from, to, { specifier }) =>
        to.startsWith("src/") && specifier !== (nearSpelling(from, to) ?? to.replace("src/", "#")),
    ),
    faults: [
      { "src/users/a.ts": 'import "../lib/b.ts";' },
      { "src/users/a.ts": 'import "#users/b.ts";' },
      { "src/platform/http/a.ts": 'import "../database/b.ts";' },
      { "src/platform/a.ts": 'import "#platform/database/b.ts";' },
      { "src/main.ts": 'import "./users/b.ts";' },
    ],
  },
  {
    sentence: "the program does not lean on its tests",
    rule: forEachImport((from, to) => !isTest(from) && (isTest(to) || to.startsWith("test/"))),
    faults: [{ "src/lib/a.ts": 'import "../../test/support/http.ts";' }, { "src/lib/a.ts": 'import "./b.test.ts";' }],
  },
];

suite("architecture", () => {
  let sources: readonly Source[];

  before(async () => {
    const files = globSync("src/**/*.{ts,tsx}", { cwd: ROOT });
    const texts = files.map((file) => [file, readFileSync(path.join(ROOT, file), "utf8")]);
    sources = await readSources(Object.fromEntries(texts));
  });

  for (const { sentence, rule, faults } of RULES) {
    test(sentence, async () => {
      for (const fault of faults) {
        assert.notDeepEqual(rule(await readSources(fault)), [], `not caught: ${JSON.stringify(fault)}`);
      }
      assert.deepEqual(rule(sources), []);
    });
  }

  test("what the rules allow is not refused", async () => {
    const house = await readSources({
      "src/config.ts": "export const port = process.env.PORT;",
      "src/app.ts": 'import { routes } from "#users/routes.tsx"; import { port } from "./config.ts";',
      "src/users/routes.tsx": 'import { a } from "./a.ts"; import { Hono } from "hono"; // import "#recovery/b.ts"',
      "src/users/a.ts": 'import { b } from "#platform/http/b.ts"; const env = "process.env"; db.selectFrom("users");',
      "src/users/a.test.ts": 'import { a } from "./a.ts"; import { request } from "../../test/support/http.ts";',
      "src/users/api.ts": 'import { answer } from "#platform/http/api.ts";',
      "src/platform/http/b.ts": 'import { log } from "#platform/log.ts"; const text = `import "#users/a.ts"`;',
      "src/platform/log.ts": 'import type { Clock } from "#lib/clock.ts";',
      "src/lib/clock.ts": "",
    });
    for (const { rule } of RULES) assert.deepEqual(rule(house), []);
  });
});

/** @returns the rank of a file's floor, the roof highest; -1 where it has none. */
function floorOf(file: string): number {
  const [top, folder = "", ...rest] = file.split("/");
  if (top !== "src") return 0;
  if (rest.length > 0) return FLOORS.indexOf(folder);
  return ROOF.has(folder.replace(/(\.test)?\.tsx?$/, "")) ? FLOORS.length : -1;
}

/** Features begin above the floors that serve all of them alike. */
function isFeature(file: string): boolean {
  return floorOf(file) > FLOORS.indexOf("ui") && path.dirname(file) !== "src";
}

/** @returns how a file of the same folder, or of a folder within it, is named; undefined for any other. */
function nearSpelling(from: string, to: string): string | undefined {
  const folder = `${path.dirname(from)}/`;
  const isNear = folder === "src/" ? path.dirname(to) === "src" : to.startsWith(folder);
  return isNear ? `./${to.slice(folder.length)}` : undefined;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file);
}

/** @returns a rule that is broken by each import, between files of this repository, for which the condition is true. */
function forEachImport(isBroken: (from: string, to: string, written: SourceImport) => boolean): Rule {
  return (sources) =>
    sources.flatMap(({ path: from, imports }) =>
      imports
        .filter((written) => {
          const to = targetOf(from, written);
          return to !== undefined && isBroken(from, to, written);
        })
        .map(({ specifier, line }) => `${from}:${line} imports ${specifier}`),
    );
}

/** @returns the imported file's path from the root of the repository, undefined for a package. */
function targetOf(from: string, { specifier }: SourceImport): string | undefined {
  if (specifier.startsWith("#")) return `src/${specifier.slice(1)}`;
  return specifier.startsWith(".") ? path.join(path.dirname(from), specifier) : undefined;
}

/** Walks the imports in depth; a file that is met while it is still being walked closes a circle. */
function circles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const finished = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
    if (trail.includes(file) || finished.has(file)) return;
    for (const written of byPath.get(file)?.imports ?? []) {
      const target = targetOf(file, written);
      if (target) walk(target, [...trail, file]);
    }
    finished.add(file);
  };
  for (const file of byPath.keys()) walk(file, []);
  return found;
}
