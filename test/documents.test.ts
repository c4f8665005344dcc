import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path/posix";
import { suite, test } from "node:test";

import { ROOT } from "./support/child.ts";

/** How many requirements the sections of four chapters of OWASP ASVS 5.0.0 have. */
const ASVS_SECTIONS =
  "6.1:3 6.2:12 6.3:8 6.4:6 6.5:8 6.6:4 6.7:2 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:3 7.6:2 8.1:4 8.2:4 8.3:3 8.4:2 16.1:1 16.2:5 16.3:4 16.4:3 16.5:4";

/** What `compose.yaml` makes others of. */
const OF_COMPOSE = new Set(["REKEY_HOST", "DATABASE_PASSWORD", "POSTGRES_PASSWORD"]);

suite("the documents", () => {
  test("name no file of the repository that there is not", () => {
    assert.deepEqual(missingIn("docs/a.md", "`src/main.ts` [b](record.md) https://crm.example/src/a.ts"), []);
    assert.deepEqual(missingIn("docs/a.md", "`src/old.ts`, [b](old.md)"), ["src/old.ts", "docs/old.md"]);
    const documents = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });
    const missing = documents.flatMap((file) => missingIn(file, read(file)).map((named) => `${file} names ${named}`));
    assert.deepEqual(missing, []);
  });

  test("set no variable, nor do the files for containers, that the README does not explain", () => {
    const explained = new Set(
      [...read("README.md").matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names = ""]) => variablesIn(names)),
    );
    assert(explained.has("REKEY_SECRET") && explained.has("DKIM_KEY_FILE"), "the table was read");
    for (const file of ["Dockerfile", "compose.yaml", ...globSync("docs/*.md", { cwd: ROOT })]) {
      const unknown = variablesIn(read(file)).filter((name) => !explained.has(name) && !OF_COMPOSE.has(name));
      assert.deepEqual(unknown, [], file);
    }
  });

  test("call what is on the pages as the pages do: what the guide has in bold", () => {
    const pages = globSync("src/**/*.{ts,tsx}", { cwd: ROOT }).map(read).join("\n");
    const labels = ["docs/guide.md", "docs/operations.md"].flatMap((file) => [
      ...read(file).matchAll(/\*\*(.+?)\*\*/g),
    ]);
    assert(labels.length > 40, `${labels.length} labels`);
    assert.deepEqual(
      labels.map(([, label = ""]) => label).filter((label) => !pages.includes(label)),
      [],
    );
  });

  test("say of each requirement of ASVS 5.0, chapters 6 to 8 and 16, whether it is met", () => {
    const rows = [
      ...read("docs/security.md").matchAll(/^\| (\d+\.\d+\.\d+) \| [123] \| .+ \| (yes|partly|no|n\/a) \| .+ \|$/gm),
    ];
    const wanted = ASVS_SECTIONS.split(" ").flatMap((each) => {
      const [section, count] = each.split(":");
      return Array.from({ length: Number(count) }, (_, index) => `${section}.${index + 1}`);
    });
    assert.deepEqual(
      rows.map(([, number]) => number),
      wanted,
    );
  });
});

/** @returns the paths from the root, and the targets of links, that lead nowhere. */
function missingIn(file: string, content: string): string[] {
  const paths = [...content.matchAll(/(?<![\w/.])(?:src|test|docs|migrations|scripts|bench)\/[\w./-]*\w/g)];
  const links = [...content.matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
  const named = [
    ...paths.map(([each]) => each),
    ...links.map(([, target = ""]) => path.join(path.dirname(file), target)),
  ];
  return named.filter((each) => !existsSync(path.join(ROOT, each)));
}

/** @returns what looks like a variable of the environment in the text. */
function variablesIn(text: string): string[] {
  return text.match(/\b(?:REKEY|DATABASE|POSTGRES|SMTP|MAIL|BOUNCE|DKIM|METRICS|PASSWORD|TRUSTED)_[A-Z_]+\b/g) ?? [];
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}
