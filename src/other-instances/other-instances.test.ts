import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import type { Role } from "#platform/database/tables.ts";
import { freeze } from "../../test/support/frozen-user.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { NEW_PASSWORD, redeem, setByMail } from "../../test/support/reset-link.ts";
import { bounceLink } from "../../test/support/report-mail.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const OTHER_PASSWORD = "saffron ladder winter canal";

/** Nina works at Oak and at Pine, and set her password in both with a link that was mailed to her. */
interface Cast {
  readonly oak: TestInstance;
  readonly pine: TestInstance;
  readonly ninaAtOak: TestUser;
  readonly ninaAtPine: TestUser;
  /** At Pine alone. */
  readonly maria: TestUser;
  /** At Oak alone. */
  readonly ben: TestUser;
}

let casts = 0;

async function cast(role: Role = "support"): Promise<Cast> {
  casts += 1;
  const email = `nina.${casts}@people.example`;
  const [oak, pine] = [await rekey.createInstance("Oak Recovery"), await rekey.createInstance("Pine House")];
  const ninaAtOak = await oak.addUser({ email, role });
  const ninaAtPine = await pine.addUser({ email, role });
  await setByMail(oak, ninaAtOak);
  await setByMail(pine, ninaAtPine);
  const maria = await pine.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  const ben = await oak.addUser({ firstName: "Ben", lastName: "Okafor" });
  return { oak, pine, ninaAtOak, ninaAtPine, maria, ben };
}

/** The Owner of the instance does something. @returns the secrets that the answer shows, if any. */
async function act(
  oak: TestInstance,
  method: string,
  path: string,
  json: object,
): Promise<{ password?: string; link?: string }> {
  const answer = await oak.api(method, path, { cookies: await oak.asOwner(), json });
  assert(answer.status < 300, answer.text);
  return answer.status === 204 ? {} : (answer.json() as { password?: string; link?: string });
}

/** What takes the proof away, or the right to know; what it returns is Nina's password at Oak then, where it is another one. */
const WITHHELD: readonly { readonly what: string; before(of: Cast): Promise<string | void> }[] = [
  {
    what: "an administrator here set a temporary password, and may be who signs in",
    before: ({ oak, ninaAtOak }) => setTemporary(oak, ninaAtOak),
  },
  {
    what: "an administrator there set a temporary password",
    before: async ({ pine, ninaAtPine }) => void (await setTemporary(pine, ninaAtPine)),
  },
  {
    what: "an administrator here copied the link that the password was set with",
    before: ({ oak, ninaAtOak }) => redeemCopied(oak, ninaAtOak),
  },
  {
    what: "an administrator there copied the link that the password was set with",
    before: async ({ pine, ninaAtPine }) => void (await redeemCopied(pine, ninaAtPine)),
  },
  {
    what: "a new password is required there",
    before: async ({ pine, ninaAtPine }) =>
      void (await act(pine, "POST", `/users/${ninaAtPine.id}/require-new-password`, {})),
  },
  {
    what: "the address there is hers again, after it was another one and the password was set with a link to that",
    before: async ({ pine, ninaAtPine }) => {
      const path = `/users/${ninaAtPine.id}`;
      const other = { ...ninaAtPine, email: `new.${ninaAtPine.email}` };
      await act(pine, "PATCH", path, { email: other.email });
      rekey.clock.advance(2 * DAY_MS);
      await setByMail(pine, other);
      await act(pine, "PATCH", path, { email: ninaAtPine.email });
    },
  },
  {
    what: "the address here is another one since",
    before: async ({ oak, ninaAtOak }) =>
      void (await act(oak, "PATCH", `/users/${ninaAtOak.id}`, { email: `new.${ninaAtOak.email}` })),
  },
  {
    what: "the mail with the link came back in the end",
    before: ({ oak, ninaAtOak }) => bounceLink(rekey, oak, ninaAtOak, "Postfix, no such user"),
  },
  {
    what: "the role there sees no users",
    before: async ({ pine, ninaAtPine }) =>
      void (await act(pine, "PATCH", `/users/${ninaAtPine.id}`, { role: "member" })),
  },
  {
    what: "the account there is inactive",
    before: async ({ pine, ninaAtPine }) => void (await act(pine, "POST", `/users/${ninaAtPine.id}/deactivate`, {})),
  },
  {
    what: "the account there is frozen",
    before: ({ pine, ninaAtPine }) => freeze(pine, ninaAtPine.id),
  },
  {
    what: "the other instance is suspended",
    before: ({ pine: { deps, instance } }) =>
      deps.db.onInstances(
        async (tx) =>
          void (await tx.updateTable("instances").set({ status: "suspended" }).where("id", "=", instance.id).execute()),
      ),
  },
];

/** An administrator sets a temporary password, and whoever has it changes it. @returns the new one. */
async function setTemporary(oak: TestInstance, user: TestUser): Promise<string> {
  const json = { mode: "generated", verification: { method: "in_person", note: "" } };
  const { password } = await act(oak, "POST", `/users/${user.id}/temporary-password`, json);
  const change = { current_password: password, new_password: OTHER_PASSWORD };
  const cookies = await oak.signIn(user, String(password));
  assert.equal((await oak.api("POST", "/session/password", { cookies, json: change })).status, 204);
  return OTHER_PASSWORD;
}

async function redeemCopied(oak: TestInstance, user: TestUser): Promise<string> {
  await act(oak, "PATCH", "/settings", { allows_copied_links: true });
  await act(oak, "POST", `/users/${user.id}/reset-links`, {});
  await untilIdle(oak);
  const [{ id }] = (await rowsOf(oak, "recoveries")).filter(({ state }) => state === "open") as [{ id: string }];
  const { link } = await act(oak, "POST", `/recoveries/${id}/copy-link`, {});
  assert.equal((await redeem(oak, String(link).split("/").at(-1) ?? "", OTHER_PASSWORD)).status, 204);
  return OTHER_PASSWORD;
}

suite("S16: the right instance", () => {
  test("S16 a whole address that nobody has here is found where the same person works too, and a click goes there", async () => {
    const { oak, pine, ninaAtOak, maria } = await cast();
    const cookies = await oak.signIn(ninaAtOak, NEW_PASSWORD);
    const link = `${pine.instance.origin}/settings/users?q=${encodeURIComponent(maria.email)}`;
    for (const page of ["/settings/users", "/palette"]) {
      const { text } = await search(oak, cookies, maria.email.toUpperCase(), page);
      assert.match(text, /Maria Gonzalez has an account at <strong>Pine House<\/strong>/);
      assert(text.includes(link), page);
    }
    for (const q of ["Gonzalez", maria.email.slice(0, -1), maria.username, "nobody@people.example"])
      assert.doesNotMatch((await search(oak, cookies, q)).text, /Pine House/, q);
    const hidden = await search(oak, cookies, ninaAtOak.email, "/settings/users?status=inactive");
    assert.doesNotMatch(hidden.text, /Pine House/, "who is here, though not on this list, is not said to be elsewhere");
  });

  for (const { what, before } of WITHHELD)
    test(`S16 nothing is told of another instance where ${what}`, async () => {
      const of = await cast();
      await fail(of.pine, of.ben.email);
      assert.deepEqual(await told(of), [true, true], "while the proof stands");
      assert.deepEqual(await told(of, (await before(of)) ?? NEW_PASSWORD), [false, false]);
    });

  test("S16 an API key of the same person is told nothing of another instance", async () => {
    const { oak, pine, ninaAtOak, ben } = await cast("admin");
    await fail(pine, ben.email);
    const cookies = await oak.signIn(ninaAtOak, NEW_PASSWORD);
    const made = await oak.api("POST", "/api-keys", {
      cookies,
      json: { name: "Help desk", scopes: ["users.read"] },
    });
    assert.equal(made.status, 201, made.text);
    const { key } = made.json() as { key: string };
    const causesFor = async (options: object): Promise<readonly string[]> => {
      const answer = await oak.api("GET", `/users/${ben.id}/diagnosis`, options);
      return (answer.json() as { items: { cause: string }[] }).items.map(({ cause }) => cause);
    };
    assert.deepEqual(await causesFor({ cookies }), ["wrong_instance"]);
    assert.deepEqual(await causesFor({ headers: { authorization: `Bearer ${key}` } }), ["no_recent_attempt"]);
  });

  test("S16 who tried at another instance is said to have, until they get in here", async () => {
    const { oak, pine, ninaAtOak, ben, maria } = await cast();
    const cookies = await oak.signIn(ninaAtOak, NEW_PASSWORD);
    const page = async (): Promise<string> =>
      (await oak.request(`/settings/users/${ben.id}`, { cookies })).text.replaceAll(/<[^>]+>|\s+/g, " ");
    await fail(pine, maria.email);
    assert.doesNotMatch(await page(), /Tried at/, "somebody else did");
    await fail(pine, ben.username.toUpperCase());
    assert.match(await page(), /Why can’t Ben sign in\? +Tried at Pine House/);
    assert((await page()).includes(`This account is at Oak Recovery: ${oak.instance.origin}/sign-in.`));
    rekey.clock.advance(DAY_MS + 1);
    assert.doesNotMatch(await page(), /Tried at/, "long ago");
  });

  test("S16 who was moved here and tries at the closed account there is told apart from who mistyped a password", async () => {
    const { oak, pine, ninaAtOak, ben } = await cast();
    const cookies = await oak.signIn(ninaAtOak, NEW_PASSWORD);
    const moved = await pine.addUser({ email: ben.email, username: `was.${ben.username}` });
    const page = async (): Promise<string> => (await oak.request(`/settings/users/${ben.id}`, { cookies })).text;
    await fail(pine, ben.email);
    assert.doesNotMatch(await page(), /Tried at/, "a wrong password in an account that is open to them");
    await act(pine, "POST", `/users/${moved.id}/deactivate`, {});
    await fail(pine, ben.email, moved.password);
    assert.match(await page(), /Tried at Pine House/);
    rekey.clock.advance(1);
    await oak.signIn(ben);
    assert.doesNotMatch(await page(), /Tried at/);
  });
});

async function search(oak: TestInstance, cookies: CookieJar, q: string, page = "/settings/users"): Promise<Answer> {
  const address = new URL(page, oak.instance.origin);
  address.searchParams.set("q", q);
  const answer = await oak.request(address.pathname + address.search, { cookies });
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

async function fail(oak: TestInstance, identifier: string, password = "not quite right"): Promise<void> {
  assert.equal((await oak.api("POST", "/session", { json: { identifier, password } })).status, 401);
}

/** @returns whether Nina, at Oak, is told that Maria is at Pine, and that Ben tried there. */
async function told({ oak, ninaAtOak, maria, ben }: Cast, password = NEW_PASSWORD): Promise<readonly boolean[]> {
  const cookies = await oak.signIn(ninaAtOak, password);
  const found = await search(oak, cookies, maria.email);
  const profile = await oak.request(`/settings/users/${ben.id}`, { cookies });
  assert.equal(profile.status, 200, profile.text);
  return [found.text.includes("Maria Gonzalez has an account"), profile.text.includes("Tried at Pine House")];
}
