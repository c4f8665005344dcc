import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { LEAKED_PASSWORDS } from "../../test/support/password-list.ts";
import { PASSWORD_PATHS, wordsOf } from "../../test/support/password-paths.ts";
import { Random } from "../../test/support/random.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { untilQuiet } from "../../test/support/quiet.ts";
import { idIn, openLink } from "../../test/support/reset-link.ts";
import { dumpOf } from "../../test/support/tables.ts";

const rekey = await testRekey();
const TURNS_AT_ONCE = 60;
const GOOD = "silver walnut canyon ember";

interface Advice {
  readonly status: number;
  readonly code: string | undefined;
  readonly words: string;
  readonly text: string;
}

/** Who may ask, and where; each is answered about the same Maria. */
interface Asker {
  readonly name: string;
  /** @returns what asks about a password. */
  open(cast: Cast): Promise<(password: string) => Promise<Advice>>;
}

interface Cast {
  readonly oak: TestInstance;
  readonly admin: CookieJar;
  readonly maria: TestUser;
}

async function cast(): Promise<Cast> {
  const oak = await rekey.createInstance("Pine House Recovery");
  const admin = await oak.asOwner();
  return { oak, admin, maria: await addMaria(oak) };
}

let marias = 0;

/** All of them have the same names but for a digit, and mailboxes of their own. */
function addMaria(oak: TestInstance): Promise<TestUser> {
  marias += 1;
  return oak.addUser({ firstName: "Maria", lastName: "Gonzalez", email: `maria.${marias}@pinehouse.example` });
}

const ASKERS: readonly Asker[] = [
  {
    name: "who opened a link",
    open: async ({ oak, maria, admin }) => {
      const token = await oak.mailedToken(maria, admin);
      const cookies = new CookieJar();
      await openLink(oak, token, { cookies });
      const recovery = idIn(token);
      return (password) => ask(oak, cookies, { path: "/reset-password/password/advice", password, recovery });
    },
  },
  {
    name: "who is signed in",
    open: async ({ oak, maria }) => {
      const cookies = await oak.signIn(maria);
      return (password) => ask(oak, cookies, { path: "/account/password/advice", password });
    },
  },
  {
    name: "an administrator",
    open: async ({ oak, maria, admin }) => {
      const path = `/settings/users/${maria.id}/change-password/advice`;
      return (password) => ask(oak, admin, { path, password });
    },
  },
];

async function ask(
  oak: TestInstance,
  cookies: CookieJar,
  of: { path: string; password: string; recovery?: string },
): Promise<Advice> {
  const form = { new_password: of.password, ...(of.recovery && { recovery: of.recovery }) };
  const { status, text } = await oak.request(of.path, { form, cookies });
  return { status, text, code: /data-verdict="(\w+)"/.exec(text)?.[1], words: wordsOf(text).trim() };
}

suite("advice about a password while it is typed", () => {
  test("P1 P3 P5 for random and nasty passwords it says what the server then does, in the same words", async () => {
    const cases = await cast();
    const twin = await addMaria(cases.oak);
    const counts = { taken: 0, refused: 0 };
    const asking = await Promise.all(ASKERS.map(({ open }) => open(cases)));
    const count = times({ quick: 30, full: 200 });
    for (const password of nastyPasswords(new Random(17), count)) {
      rekey.clock.advance(2 * SECOND_MS);
      const [byLink, own, forMaria] = await Promise.all(asking.map((askAbout) => askAbout(password)));
      assert(byLink && own && forMaria);
      assert.deepEqual([byLink.status, own.status, forMaria.status], [200, 200, 200], byLink.text);
      assert.deepEqual(own, byLink, "the same person, the same words");
      assert.equal(forMaria.code, byLink.code);
      const isTaken = await requireSame({ ...cases, maria: twin }, password, forMaria);
      counts[isTaken ? "taken" : "refused"] += 1;
    }
    assert(counts.taken >= count / 5 && counts.refused >= count / 4, JSON.stringify(counts));
  });

  test("P10 L4 nothing of the password comes back or is kept, nothing is recorded, and a link stays as it is", async () => {
    const cases = await cast();
    const { oak } = cases;
    for (const { name, open } of ASKERS) {
      const askAbout = await open(cases);
      await untilQuiet(oak);
      const before = await keptOf(oak);
      const log = rekey.log.length;
      for (const password of ["", "zebracanary", "zebracanary ", "zebracanary maria gonzalez", `zebracanary ${GOOD}`]) {
        const { text, status } = await askAbout(password);
        assert.equal(status, 200, name);
        assert.doesNotMatch(text, /zebracanary/, name);
      }
      assert.equal(await keptOf(oak), before, name);
      assert.doesNotMatch(rekey.log.slice(log).join("\n"), /zebracanary/, name);
      assert.doesNotMatch(await dumpOf(oak), /zebracanary/, name);
    }
  });

  test("it is stored by no browser, and refused to whoever may not ask", async () => {
    const { oak, admin, maria } = await cast();
    const form = { new_password: GOOD };
    const about = (user: TestUser) => `/settings/users/${user.id}/change-password/advice`;
    const answer = await oak.request(about(maria), { form, cookies: admin });
    assert.equal(answer.headers["cache-control"], "no-store");
    const support = await oak.signIn(await oak.addUser({ role: "support" }));
    const chief = await oak.signIn(await oak.addUser({ role: "admin" }));
    const elsewhere = await (await rekey.createInstance()).addUser();
    assert.equal((await oak.request(about(maria), { form, cookies: support })).status, 403, "Support sets no password");
    assert.equal(
      (await oak.request(about(oak.owner), { form, cookies: chief })).status,
      403,
      "nobody of a higher role",
    );
    assert.equal((await oak.request(about(elsewhere), { form, cookies: admin })).status, 404, "another instance");
    assert.equal((await oak.request("/account/password/advice", { form })).status, 401, "nobody is signed in");
    const recovery = "01890000-0000-7000-8000-000000000000";
    assert.equal((await oak.request("/reset-password/password/advice", { form: { ...form, recovery } })).status, 404);
    for (const path of [about(maria), "/account/password/advice", "/reset-password/password/advice"])
      assert.equal((await oak.request(`${path}?new_password=x`, { cookies: admin })).status, 405, path);
  });

  test("it slows down who tries a whole list, and nobody else", async () => {
    const { oak, admin, maria } = await cast();
    const path = `/settings/users/${maria.id}/change-password/advice`;
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      for (let turn = 0; turn < TURNS_AT_ONCE; turn += 1)
        assert.equal((await ask(oak, admin, { path, password: GOOD })).status, 200);
      assert.equal((await ask(oak, admin, { path, password: GOOD })).status, 429);
      const own = await oak.signIn(maria);
      assert.equal((await ask(oak, own, { path: "/account/password/advice", password: GOOD })).status, 200);
      rekey.clock.advance(SECOND_MS);
      assert.equal((await ask(oak, admin, { path, password: GOOD })).status, 200);
      assert.equal((await ask(oak, admin, { path, password: GOOD })).status, 429);
      rekey.clock.advance(MINUTE_MS);
      assert.equal((await ask(oak, admin, { path, password: GOOD })).status, 200);
    } finally {
      rekey.clock.run();
    }
  });

  test("what is easily guessed is taken all the same, with advice to add a word", async () => {
    const cases = await cast();
    const askAbout = await ASKERS[1]?.open(cases);
    assert.deepEqual(await codesOf(askAbout, [GOOD, "P4ssw0rd!P4ssw0rd!2", "qwertyuiopasdfghjkl1"]), [
      "good",
      "weak",
      "weak",
    ]);
    const [path] = PASSWORD_PATHS;
    const tryOn = await path?.open(cases.oak, cases.maria, cases.admin);
    assert.equal((await tryOn?.("P4ssw0rd!P4ssw0rd!2"))?.isAccepted, true, "an estimate refuses nothing");
  });
});

/** @returns everything but how often was asked, and when somebody was last there. */
async function keptOf(oak: TestInstance): Promise<string> {
  const lines = (await dumpOf(oak)).split("\n");
  return lines.filter((line) => !/^(rate_limits|sessions) /.test(line)).join("\n");
}

async function codesOf(
  askAbout: ((password: string) => Promise<Advice>) | undefined,
  passwords: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const codes: (string | undefined)[] = [];
  for (const password of passwords) codes.push((await askAbout?.(password))?.code);
  return codes;
}

/** Somebody of the same names chooses it in earnest. @returns whether it was taken. */
async function requireSame({ oak, admin, maria }: Cast, password: string, advice: Advice): Promise<boolean> {
  const json = { mode: "typed", password, verification: { method: "in_person", note: "" } };
  const answer = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
  const shown = JSON.stringify({ password, advice });
  const isTaken = answer.status === 201;
  assert.equal(["good", "weak"].includes(advice.code ?? ""), isTaken, `${shown} ${answer.text}`);
  if (isTaken) return true;
  const { errors, detail } = answer.json() as { errors: { code: string }[]; detail: string };
  assert.equal(errors[0]?.code, advice.code, shown);
  assert.equal(advice.words, wordsOf(detail).trim(), shown);
  return false;
}

/** As a form sends them: well formed, and lines ended as they are. */
function nastyPasswords(random: Random, count: number): readonly string[] {
  const words = "lantern meadow bicycle maria gonzalez recovery pine rekey otter quarry 2024 password qwerty".split(
    " ",
  );
  const edges = [...Array.from({ length: 40 }, () => ""), " ", "\u00A0", "\u200B", "\t", "\u3000"];
  const makers: readonly (() => string)[] = [
    () => random.many(random.between(1, 7), () => random.pick(words)).join(random.pick([" ", "-", "", "."])),
    () => random.many(random.between(12, 30), () => String.fromCodePoint(random.between(33, 126))).join(""),
    () => random.many(random.between(10, 20), () => String.fromCodePoint(random.between(0x1f300, 0x1f5ff))).join(""),
    () => random.pick(["é", "ﬁ", "Å", "ｶﾞ", "\uFDFA", "ẛ̣"]).normalize("NFD").repeat(random.between(5, 40)),
    () => random.pick(["ab", "x", "123", "Zq7"]).repeat(random.between(4, 100)),
    () => random.pick(LEAKED_PASSWORDS),
    () => random.many(random.between(250, 260), () => random.pick([..."kvzqwjxbptmr"])).join(""),
  ];
  return random.many(count, () => `${random.pick(edges)}${random.pick(makers)()}${random.pick(edges)}`.toWellFormed());
}
