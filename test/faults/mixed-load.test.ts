import assert from "node:assert/strict";
import { connect } from "node:net";
import { suite, test } from "node:test";

import type { Answer, CookieJar } from "../support/http.ts";
import { inParallel } from "../support/in-parallel.ts";
import { times } from "../support/numbers.ts";
import { Random } from "../support/random.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { dumpOf, rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

/** An instance in which everybody and everything bears one mark, which no other instance may ever show. */
interface Marked {
  readonly oak: TestInstance;
  readonly mark: string;
  readonly owner: CookieJar;
  readonly support: CookieJar;
  readonly users: readonly TestUser[];
}

type Requests = Readonly<Record<string, (of: Marked, user: TestUser, random: Random) => Promise<Answer | undefined>>>;

const REQUESTS: Requests = {
  "the list": ({ oak, owner }) => oak.api("GET", "/users?status=all&limit=50", { cookies: owner }),
  "the page of the list": ({ oak, support }) => oak.request("/settings/users", { cookies: support }),
  "a search that finds all": ({ oak, owner }) => oak.api("GET", "/users?q=mark", { cookies: owner }),
  "a profile": ({ oak, owner }, { id }) => oak.request(`/settings/users/${id}`, { cookies: owner }),
  "the record": ({ oak, owner }) => oak.api("GET", "/audit-events", { cookies: owner }),
  "the dashboard": ({ oak, support }) => oak.request("/", { cookies: support }),
  "an edit": ({ oak, owner, mark }, { id }, random) =>
    oak.api("PATCH", `/users/${id}`, { json: { title: `${mark} ${random.between(1, 99)}` }, cookies: owner }),
  "an edit that fails at its last statement": ({ oak, owner, users }, { id }) =>
    oak.api("PATCH", `/users/${id}`, { json: { username: users[0]?.username, title: "gone" }, cookies: owner }),
  "an edit that is refused": ({ oak, support }, { id }) =>
    oak.api("PATCH", `/users/${id}`, { json: { title: "refused" }, cookies: support }),
  "a link": ({ oak, support }, { id }) => oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: support }),
  "a forgotten password": ({ oak }, { username }) =>
    oak.api("POST", "/recovery-requests", { json: { identifier: username } }),
  "a session that there is not": ({ oak }) => oak.api("GET", "/users", {}),
  "somebody who leaves before the answer": async ({ oak, owner }, { id }) => {
    const socket = connect(Number(new URL(oak.base).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      `GET /api/v1/users/${id} HTTP/1.1\r\nHost: ${oak.host}\r\nSec-Fetch-Site: same-origin\r\nCookie: ${owner.toString()}\r\n\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    return undefined;
  },
};

const PEOPLE = 8;
const EXPECTED = new Set([200, 202, 401, 403, 409, 429]);

suite("Z7: two instances under one load", () => {
  const count = times({ quick: 260, full: 100_000 });

  test(`Z7 never show or touch each other, in ${count} mixed requests with transactions that are aborted`, async () => {
    const [oak, pine] = [await marked("oakmark"), await marked("pinemark")];
    const random = new Random(7);
    const names = Object.keys(REQUESTS);
    const seen = new Set<number>();
    const requests = Array.from({ length: count }, (_, number) => ({
      name: names[random.between(0, names.length - 1)] ?? "",
      of: number % 2 ? oak : pine,
      other: number % 2 ? pine : oak,
    }));
    await inParallel(requests, async ({ name, of, other }) => {
      const user = of.users[random.between(1, PEOPLE - 1)] ?? of.oak.owner;
      const answer = await REQUESTS[name]?.(of, user, random);
      if (!answer) return;
      seen.add(answer.status);
      assert(EXPECTED.has(answer.status), `${name}: ${answer.status} ${answer.text}`);
      assert(!answer.text.includes(other.mark), `${name} shows what belongs elsewhere`);
    });
    for (const status of [200, 202, 401, 403, 409]) assert(seen.has(status), `nothing was answered ${status}`);
    for (const { oak: instance, mark } of [oak, pine]) {
      await untilIdle(instance);
      const own = await dumpOf(instance);
      assert(own.includes(mark) && !own.includes(mark === "oakmark" ? "pinemark" : "oakmark"));
      const titles = (await rowsOf(instance, "users")).map(({ title }) => String(title));
      assert(!titles.some((title) => ["gone", "refused"].includes(title)), "what was aborted is not there");
    }
  });
});

async function marked(mark: string): Promise<Marked> {
  const oak = await rekey.createInstance(`The ${mark}`);
  const users = await inParallel(Array.from({ length: PEOPLE }), () => oak.addUser({ firstName: mark }));
  const support = await oak.addUser({ firstName: mark, role: "support" });
  return { oak, mark, users, owner: await oak.asOwner(), support: await oak.signIn(support) };
}
