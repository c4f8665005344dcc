import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { CookieJar } from "../../test/support/http.ts";
import { Random } from "../../test/support/random.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { wordsOf } from "../../test/support/password-paths.ts";

const rekey = await testRekey();

interface Listed {
  readonly items: readonly { id: string; email: string; username: string; first_name: string; status: string }[];
  readonly next_cursor: string | null;
  readonly counts: { all: number; active: number; inactive: number };
}

const SORTS = ["name", "email", "username", "role", "last_sign_in_at"].flatMap((sort) => [sort, `-${sort}`]);

suite("Manage Users: the list", () => {
  test("shows all, active or inactive users, and counts them whatever is asked for", async () => {
    const { oak, admin } = await crowd(7);
    await deactivate(oak, ["person-1@crowd.example", "person-2@crowd.example"]);
    for (const [status, expected] of [
      ["", 8],
      ["all", 8],
      ["active", 6],
      ["inactive", 2],
    ] as const) {
      const { items, counts } = await list(oak, admin, status && `status=${status}`);
      assert.equal(items.length, expected, status);
      assert(status === "" || status === "all" || items.every((user) => user.status === status), status);
      assert.deepEqual(counts, { all: 8, active: 6, inactive: 2 });
    }
    const narrowed = await list(oak, admin, "status=inactive&q=person-1&limit=1");
    assert.deepEqual(
      narrowed.items.map(({ email }) => email),
      ["person-1@crowd.example"],
    );
    assert.deepEqual(narrowed.counts, { all: 8, active: 6, inactive: 2 });
  });

  test("finds any part of name, address or user name, without regard to case and accents", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const emile = await oak.addUser({
      firstName: "Émile",
      lastName: "Grønvold-Ñandú",
      email: "eg@front.example",
      username: "emile_g",
    });
    await oak.addUser({ firstName: "Ｗｉｄｅ", lastName: "İpek", email: "wide@front.example" });
    const percent = await oak.addUser({ firstName: "100%", lastName: "Sure_Thing", email: "hundred@front.example" });
    const found = async (q: string): Promise<string[]> =>
      (await list(oak, admin, `q=${encodeURIComponent(q)}`)).items.map(({ email }) => email);
    for (const q of [
      "émi",
      "EMILE",
      "mil",
      "nandu",
      "ÑANDÚ",
      "e\u0301mile",
      "eg@fr",
      "e_g",
      "emile grønvold",
      "nandu emil",
      "  Émile  ",
    ]) {
      assert.deepEqual(await found(q), [emile.email], q);
    }
    assert.deepEqual(await found("wide ipek"), ["wide@front.example"]);
    assert.deepEqual(await found("%"), [percent.email], "a percent sign is a percent sign");
    assert.deepEqual((await found("_")).toSorted(), [emile.email, percent.email], "and an underscore an underscore");
    for (const q of ["m_l", "%il%", "em%g", "\\", "emile nobody", "émile'--", "é mile zzz"])
      assert.deepEqual(await found(q), [], q);
    assert.equal((await found("")).length, 4);
  });

  test("is paged through forwards by every sort, each user once and in order, however small the page", async () => {
    const { oak, admin, size } = await crowd(11);
    for (const sort of SORTS) {
      const whole = (await list(oak, admin, `sort=${sort}&limit=200`)).items.map(({ id }) => id);
      assert.equal(new Set(whole).size, size);
      for (const limit of [1, 4, size - 1, size]) {
        const pages = await pagesOf(oak, admin, sort, limit);
        assert.deepEqual(pages.flat(), whole, `${sort} by ${limit}`);
        assert.equal(pages.length, Math.ceil(size / limit), `${sort} by ${limit}: no empty page at the end`);
      }
      const opposite = sort.startsWith("-") ? sort.slice(1) : `-${sort}`;
      const reversed = (await list(oak, admin, `sort=${opposite}&limit=200`)).items.map(({ id }) => id);
      assert.deepEqual(reversed, whole.toReversed(), `${opposite} is ${sort} the other way round`);
    }
  });

  test("sorts by what it says, without regard to case and accents", async () => {
    const { oak, admin } = await crowd(23);
    const items = (await list(oak, admin, "sort=email&limit=200")).items.map(({ email }) => email);
    assert.deepEqual(items, items.toSorted());
    const names = (await list(oak, admin, "sort=-name&q=crowd&limit=200")).items.map(({ first_name }) => first_name);
    const plain = names.map((name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase());
    assert.deepEqual(plain, plain.toSorted().toReversed());
    const roles = (await list(oak, admin, "sort=role&limit=200")).items as unknown as { role: string }[];
    const ranks = roles.map(({ role }) => ["owner", "admin", "support", "member", "no_access"].indexOf(role));
    assert.deepEqual(
      ranks,
      ranks.toSorted((a, b) => a - b),
    );
    const last = (await list(oak, admin, "sort=-last_sign_in_at&limit=1")).items[0];
    assert.equal(last?.id, oak.owner.id, "who has just signed in is the latest");
  });

  test("pages neither skip nor repeat anybody when people come and go meanwhile", async () => {
    const { oak, admin } = await crowd(10);
    const first = await list(oak, admin, "sort=email&limit=5&q=crowd");
    await oak.addUser({ email: "a-newcomer@crowd.example" });
    await oak.addUser({ email: "z-newcomer@crowd.example" });
    const second = await list(oak, admin, `sort=email&limit=50&q=crowd&cursor=${first.next_cursor}`);
    const emails = [...first.items, ...second.items].map(({ email }) => email);
    assert.equal(new Set(emails).size, emails.length);
    assert.equal(emails.length, 11);
    assert(emails.includes("z-newcomer@crowd.example") && !emails.includes("a-newcomer@crowd.example"));
  });

  test("the page leads forward through everybody and back again", async () => {
    const { oak, admin, size } = await crowd(119);
    let path = "/settings/users";
    const seen: string[][] = [];
    for (let link: string | undefined = path; link; ) {
      path = link;
      const { text } = await oak.request(path, { cookies: admin });
      seen.push(peopleOn(text));
      link = pageLinks(text).at(seen.length === 1 ? 0 : 1);
    }
    assert.equal(seen.length, 3);
    assert.equal(new Set(seen.flat()).size, size);
    const back = pageLinks((await oak.request(path, { cookies: admin })).text)[0] ?? "";
    assert.deepEqual(peopleOn((await oak.request(back, { cookies: admin })).text), seen[1], "the page before");
  });

  test("takes 1 to 200 at once, and no cursor, status, role or sort that it does not know", async () => {
    const { oak, admin } = await crowd(3);
    assert.equal((await list(oak, admin, "limit=200")).items.length, 4);
    for (const query of ["limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=x", "limit=", "limit=1&limit=2"]) {
      await requireFault(oak, admin, query, "limit");
    }
    for (const query of ["status=gone", "role=root", "sort=password_hash", "sort=--name", "sort=name%20desc"]) {
      await requireFault(oak, admin, query, query.split("=")[0] ?? "");
    }
    for (const cursor of cursorsMadeUp((await list(oak, admin, "limit=1")).next_cursor ?? "", oak.owner.id)) {
      for (const sort of ["role", "last_sign_in_at", "name"]) {
        const answer = await oak.api("GET", `/users?sort=${sort}&cursor=${encodeURIComponent(cursor)}`, {
          cookies: admin,
        });
        assert([200, 422].includes(answer.status), `${sort} ${cursor}: ${answer.text}`);
        if (sort !== "name") assert.equal(answer.status, 422, `${sort} ${Buffer.from(cursor, "base64url").toString()}`);
      }
    }
  });

  test("is for those who may read users", async () => {
    const oak = await rekey.createInstance();
    for (const [role, status] of [
      ["admin", 200],
      ["support", 200],
      ["member", 403],
    ] as const) {
      const cookies = await oak.signIn(await oak.addUser({ role }));
      assert.equal((await oak.api("GET", "/users", { cookies })).status, status, role);
      const page = await oak.request("/settings/users", { cookies });
      assert.equal(page.status, status, role);
      if (status === 403) assert.match(wordsOf(page.text), /needs the role Owner, Admin,? or Support/);
    }
    assert.equal((await oak.api("GET", "/users")).status, 401);
  });
});

/** @returns an instance with the owner and this many others, whose names, roles and times have doubles among them. */
async function crowd(others: number): Promise<{ oak: TestInstance; admin: CookieJar; size: number }> {
  const oak = await rekey.createInstance();
  const random = new Random(others);
  for (let number = 0; number < others; number += 1) {
    await oak.addUser({
      email: `person-${number}@crowd.example`,
      firstName: random.pick(["Ada", "ada", "Ádám", "Zoë", "zoe", "Øyvind", "Émile", "Li", "Ωmega", "山田"]),
      lastName: random.pick(["Same", "same", "Other"]),
      role: random.pick(["admin", "member", "support", "no_access"]),
      password: null,
    });
  }
  return { oak, admin: await oak.signIn(oak.owner), size: others + 1 };
}

async function list(oak: TestInstance, cookies: CookieJar, query: string): Promise<Listed> {
  const answer = await oak.api("GET", `/users?${query}`, { cookies });
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as Listed;
}

async function pagesOf(oak: TestInstance, cookies: CookieJar, sort: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Listed = await list(oak, cookies, `sort=${sort}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
    pages.push(page.items.map(({ id }) => id));
    cursor = page.next_cursor;
    assert(pages.length < 100, "the pages come to an end");
  }
  return pages;
}

async function deactivate(oak: TestInstance, emails: readonly string[]): Promise<void> {
  await oak.deps.db.inInstance(oak.instance.id, (tx) =>
    tx.updateTable("users").set({ status: "inactive" }).where("email", "in", emails).execute(),
  );
}

async function requireFault(oak: TestInstance, cookies: CookieJar, query: string, field: string): Promise<void> {
  const answer = await oak.api("GET", `/users?${query}`, { cookies });
  assert.equal(answer.status, 422, `${query}: ${answer.text}`);
  const { errors } = answer.json() as { errors: { field: string }[] };
  assert.deepEqual(
    errors.map((one) => one.field),
    [field],
    query,
  );
}

/** Cursors of another sort, of nobody, and of nothing at all. */
function cursorsMadeUp(genuine: string, id: string): string[] {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return [
    genuine,
    encode([false, "Ada", id]),
    encode([false, "99999999999999", id]),
    encode([false, "1; drop table users", id]),
    encode([true, "2024-13-45", id]),
    encode([false, "", id]),
    encode([false, "1", "-".repeat(36)]),
    encode([false, "1", "x"]),
    encode([false, 1, id]),
    encode(["no", "1", id]),
    encode([false, "a\0b", id]),
    encode({}),
    encode(null),
    "x",
    "%00",
  ];
}

/** The ids of the people whose profiles the page links to, in their order. */
function peopleOn(html: string): string[] {
  return [...new Set([...html.matchAll(/href="\/settings\/users\/([0-9a-f-]{36})"/g)].map(([, id]) => String(id)))];
}

/** The pager's links, in their order. */
function pageLinks(html: string): string[] {
  return [...html.matchAll(/href="(\/settings\/users\?[^"]*cursor=[^"]*)"/g)].map(([, link]) =>
    String(link).replaceAll("&amp;", "&"),
  );
}
