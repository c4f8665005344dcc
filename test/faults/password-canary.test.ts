import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS } from "#lib/clock.ts";
import type { Answer, CookieJar } from "../support/http.ts";
import { findBytes, readFiles } from "../support/needles.ts";
import { times } from "../support/numbers.ts";
import { LINK_PATHS, PASSWORD_PATHS } from "../support/password-paths.ts";
import { Random } from "../support/random.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { dumpOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

/** Stands at the head of every password that the operations are given, right or wrong. */
const CANARY = "kingfisher";
const VERIFICATION = { method: "call_back", note: "On the extension in the staff list" };

interface Cast {
  readonly oak: TestInstance;
  readonly user: TestUser;
  /** Signed in a moment ago. */
  readonly admin: CookieJar;
  /** A new one each time. */
  readonly canary: () => string;
}

/** Every way in which a password reaches the program. Each gives what was answered on the way. */
const OPERATIONS: Readonly<Record<string, (cast: Cast) => Promise<readonly Answer[]>>> = {
  "a sign-in that fails": async ({ oak, user, canary }) => {
    const [identifier, password] = [user.username, canary()];
    return [
      await oak.api("POST", "/session", { json: { identifier, password } }),
      await oak.request("/sign-in", { form: { identifier, password, next: "" } }),
      await oak.api("POST", "/session", { json: { identifier: "nobody", password } }),
    ];
  },
  "a password beside what is refused": async ({ oak, canary }) => [
    await oak.api("POST", "/session", { json: { identifier: "nobody", password: canary(), passwort: canary() } }),
    await oak.request("/sign-in", { form: { identifier: "nobody", password: [canary(), canary()] } }),
  ],
  "a typed temporary password": async ({ oak, user, admin, canary }) => {
    const typed = { mode: "typed", verification: VERIFICATION };
    const path = `/users/${user.id}/temporary-password`;
    const password = canary();
    const given = await oak.api("POST", path, { json: { ...typed, password }, cookies: admin });
    assert.equal(given.status, 201, given.text);
    const refused = await oak.api("POST", path, { json: { ...typed, password: CANARY }, cookies: admin });
    assert.equal(refused.status, 422);
    const form = { mode: "typed", new_password: canary(), confirm_password: canary(), verification_method: "manager" };
    const onPage = await oak.request(`/settings/users/${user.id}/change-password`, { form, cookies: admin });
    assert.equal(onPage.status, 422);
    const signedIn = await oak.api("POST", "/session", { json: { identifier: user.username, password } });
    assert.equal(signedIn.status, 200);
    return [given, refused, onPage, signedIn];
  },
  "a confirmation": async ({ oak, admin, canary }) => [
    await oak.api("POST", "/session/step-up", { json: { password: canary() }, cookies: admin }),
    await oak.api("POST", "/session/step-up", { json: { password: oak.owner.password }, cookies: admin }),
  ],
  "a temporary password of somebody who administers": async ({ oak, admin, canary }) => {
    const json = { mode: "typed", password: canary(), verification: VERIFICATION };
    const [target] = [await oak.addUser({ role: "admin" }), await oak.addUser({ role: "admin" })];
    const asked = await oak.api("POST", `/users/${target.id}/temporary-password`, { json, cookies: admin });
    assert.equal(asked.status, 409, asked.text);
    return [asked, await oak.request("/settings/approvals", { cookies: admin })];
  },
  "a password in the wrong place": async ({ oak, user, admin, canary }) => [
    await oak.api("PATCH", `/users/${user.id}`, { json: { password: canary() }, cookies: admin }),
    await oak.api("POST", "/recovery-redemptions", { json: { token: "no-link", password: canary() } }),
    await oak.request("/forgot-password", { form: { identifier: "", password: canary() } }),
  ],
  ...Object.fromEntries(
    PASSWORD_PATHS.map(({ name, open }) => [
      `a password of one's own by ${name}`,
      async ({ oak, user, admin, canary }: Cast) => {
        const attempt = await open(oak, user, admin);
        const refused = await attempt(CANARY);
        assert(!refused.isAccepted);
        assert(!refused.words.includes(CANARY), refused.words);
        assert((await attempt(canary())).isAccepted);
        return [];
      },
    ]),
  ),
};

suite("P10: a password", () => {
  const count = times({ quick: 10, full: 1_000 });

  test(`P10 comes back nowhere in ${count} operations: no page, answer, mail, log, table or file`, async () => {
    assert(LINK_PATHS.length > 0);
    const random = new Random(10);
    const names = Object.keys(OPERATIONS);
    let made = 0;
    const canary = (): string => `${CANARY} ${random.fraction().toString(36).slice(2)} ${(made += 1)}`;
    let oak = await rekey.createInstance();
    const everywhere: TestInstance[] = [];
    for (let done = 0; done < count; done += 1) {
      if (done % names.length === 0) {
        rekey.clock.advance(2 * HOUR_MS); // No brake and no limit stands in the way.
        oak = await rekey.createInstance();
        everywhere.push(oak);
      }
      const [user, admin] = [await oak.addUser(), await oak.asOwner()];
      const name = names[done % names.length] ?? "";
      for (const { text, headers } of (await OPERATIONS[name]?.({ oak, user, admin, canary })) ?? [])
        assert(!`${text}${JSON.stringify(headers)}`.includes(CANARY), name);
    }
    assert(made >= count, `${made} passwords`);
    for (const each of everywhere) {
      await untilIdle(each);
      assert(!(await dumpOf(each)).includes(CANARY));
      const admin = await each.asOwner();
      for (const page of ["/", "/settings/users", "/settings/audit", "/settings/sign-in-history"])
        assert(!(await each.request(page, { cookies: admin })).text.includes(CANARY), page);
    }
    const mails = rekey.sink.mails.map(({ message }) => `${message.subject}${message.text}${message.html}`);
    for (const text of [...mails, ...rekey.log]) assert(!text.includes(CANARY));
    assert.deepEqual(findBytes(readFiles(rekey.databaseDir), [Buffer.from(CANARY)]), []);
  });
});
