import assert from "node:assert/strict";
import { type IncomingHttpHeaders, type IncomingMessage, request as send } from "node:http";
import { suite, test } from "node:test";

import { hostileBody, hostileInAddress, hostileText, hostileValue } from "../support/hostile.ts";
import { times } from "../support/numbers.ts";
import { untilQuiet } from "../support/quiet.ts";
import { bodyOf } from "../support/http.ts";
import { Random } from "../support/random.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey } from "../support/rekey.ts";
import { type Route, routesOf } from "../support/routes.ts";

const rekey = await testRekey();

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const IN_FLIGHT = 8;
/** As often as this the genuine session is renewed, since some requests end it. */
const SIGN_IN_EVERY = 100;

/** What the API document says of one operation, as far as it is needed to come near a request that it takes. */
interface Operation {
  readonly query: readonly string[];
  readonly fields: readonly string[];
}

interface Attack {
  readonly method: string;
  /** As it goes over the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

suite("I1: hostile requests", () => {
  test("I1 every one is answered honestly: no 5xx, problem+json from the API, a page or text elsewhere", async () => {
    const oak = await rekey.createInstance();
    const recovery = await deadAndLiveLinks(oak);
    const attacks = attackMaker(oak, await routesOf(rekey), await operationsOf(oak), recovery);
    const logged = rekey.log.length;
    const count = times({ quick: 500, full: 10_000 });
    const seen = new Map<number, number>();
    let cookie = "";
    for (let done = 0; done < count; done += IN_FLIGHT) {
      if (done % SIGN_IN_EVERY < IN_FLIGHT) cookie = String(await oak.asOwner());
      const batch = Array.from({ length: Math.min(IN_FLIGHT, count - done) }, () => attacks(cookie));
      const replies = await Promise.all(batch.map((attack) => deliver(oak, attack)));
      for (const [index, reply] of replies.entries()) {
        const attack = batch[index];
        assert(attack);
        requireHonest(attack, reply);
        seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
      }
    }
    await untilQuiet(oak);
    assert.deepEqual(
      rekey.log.slice(logged).filter((line) => line.includes('"level":"error"')),
      [],
    );
    const rare = times({ quick: 0, full: 1 }) === 1 ? [413] : [];
    for (const status of [200, 303, 400, 401, 403, 404, 415, 421, 422, ...rare]) {
      assert(seen.has(status), `no answer ${status}: the requests do not go deep enough`);
    }
    console.log(
      `    seed ${SEED}, answers: ${[...seen]
        .toSorted(([a], [b]) => a - b)
        .map(([status, number]) => `${number} × ${status}`)
        .join(", ")}`,
    );
  });

  test("I1 the check itself sees a defect, a stack trace, a wrong content type and a missing member", () => {
    const problem = {
      type: "urn:rekey:problem:not_found",
      title: "t",
      status: 404,
      detail: "d",
      code: "not_found",
      request_id: "r",
    };
    const headers = { "content-type": "application/problem+json", "x-request-id": "r" };
    const good: Reply = { status: 404, headers, text: JSON.stringify(problem) };
    const attack: Attack = { method: "GET", target: "/api/v1/users", headers: {}, body: undefined };
    requireHonest(attack, good);
    for (const bad of [
      { ...good, status: 500 },
      { ...good, text: JSON.stringify({ ...problem, detail: "Error\n    at run (/srv/src/app.ts:12:3)" }) },
      { ...good, text: JSON.stringify({ ...problem, request_id: undefined }) },
      { ...good, text: JSON.stringify({ ...problem, status: 400 }) },
      { ...good, headers: { ...headers, "content-type": "text/html" } },
      { ...good, headers: { "content-type": headers["content-type"] } },
    ]) {
      assert.throws(() => requireHonest(attack, bad), assert.AssertionError);
    }
  });
});

/** @throws AssertionError that shows the request again, unless the answer is one that this program may give. */
function requireHonest(attack: Attack, reply: Reply): void {
  const shown = `${JSON.stringify(attack).slice(0, 2_000)}\nseed ${SEED}, answered ${reply.status} ${reply.text.slice(0, 500)}`;
  assert(reply.status < 500, shown);
  // Node's own parser refuses what is no HTTP at all, before the program hears of it.
  const isOurs = reply.headers["x-request-id"] !== undefined;
  assert(isOurs || ([400, 431].includes(reply.status) && reply.text === ""), shown);
  assert.doesNotMatch(reply.text, /^\s+at .+:\d+:\d+|node_modules|\/src\/[\w/-]+\.tsx?/m, shown);
  if (!isOurs || reply.status < 400 || attack.method === "HEAD") return;
  const type = reply.headers["content-type"] ?? "";
  if (!isForApi(attack.target)) {
    assert.match(reply.status === 401 && reply.text === "" ? "text/html" : type, /^text\/(html|plain)/, shown);
    return;
  }
  assert.equal(type, "application/problem+json", shown);
  const problem = JSON.parse(reply.text) as Record<string, unknown>;
  assert.equal(problem.status, reply.status, shown);
  assert(String(problem.type).endsWith(`:${String(problem.code)}`), shown);
  for (const member of ["title", "detail", "code", "request_id"]) assert(problem[member], shown);
  if (reply.status !== 422) return;
  assert(Array.isArray(problem.errors) && problem.errors.length > 0, shown);
}

/** Programs read the metrics, too. */
function isForApi(target: string): boolean {
  return target.startsWith("/api/") || /^\/metrics(?:\?|$)/.test(target);
}

/** Cookies and ids that exist, so that some requests get far. */
interface Known {
  readonly ids: readonly string[];
  readonly tokens: readonly string[];
}

async function deadAndLiveLinks(oak: TestInstance): Promise<Known> {
  const admin = await oak.asOwner();
  const users = [await oak.addUser(), await oak.addUser({ password: null }), await oak.addUser({ role: "no_access" })];
  const [maria, kim] = users;
  assert(maria && kim);
  const tokens = [await oak.mailedToken(maria, admin), await oak.mailedToken(kim, admin)];
  const list = (await oak.api("GET", "/recoveries", { cookies: admin })).json() as { items: { id: string }[] };
  return { ids: [oak.owner.id, ...users.map(({ id }) => id), ...list.items.map(({ id }) => id)], tokens };
}

/** @returns by `GET /users`, what the document says of each operation. */
async function operationsOf(oak: TestInstance): Promise<ReadonlyMap<string, Operation>> {
  type Described = {
    parameters?: { in: string; name: string }[];
    requestBody?: { content: { "application/json": { schema: { properties?: object } } } };
  };
  const { paths } = (await oak.request("/api/openapi.json")).json() as {
    paths: Record<string, Record<string, Described>>;
  };
  return new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { parameters = [], requestBody }]) => [
        `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`,
        {
          query: parameters.filter((one) => one.in === "query").map(({ name }) => name),
          fields: Object.keys(requestBody?.content["application/json"].schema.properties ?? {}),
        },
      ]),
    ),
  );
}

const PAGE_FIELDS = [
  "identifier",
  "password",
  "next",
  "recovery",
  "current_password",
  "new_password",
  "confirm_password",
  "return_to",
  "mode",
  "verification_method",
  "verification_note",
  "reason",
];
const PAGE_QUERY = ["status", "q", "role", "sort", "cursor", "next", "recovery", "signed-out"];
const ODD_KEYS = ["__proto__", "constructor", "role", "instance", "instance_id", "password_hash", "", "a[b]", "\ud800"];
const ODD_METHODS = [
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "POST",
  "GET",
  "TRACE",
  "PROPFIND",
  "QUERY",
  "M-SEARCH",
];
const ODD_HOSTS = [
  "",
  "localhost",
  "evil.example",
  "a:99999",
  "[::1",
  "%00",
  "user@host",
  "127.0.0.1",
  "x".repeat(300),
];

function attackMaker(
  oak: TestInstance,
  routes: readonly Route[],
  operations: ReadonlyMap<string, Operation>,
  known: Known,
): (cookie: string) => Attack {
  const random = new Random(SEED);
  /** How much of the next request is hostile: one bad value in an otherwise right request gets the farthest. */
  let hostility = 0;

  /** Near what is expected, or as far from it as can be. */
  const valueFor = (field: string): unknown => {
    if (random.happens(hostility)) return hostileValue(random);
    const right: Record<string, unknown> = {
      token: random.pick(known.tokens),
      recovery: random.pick(known.ids),
      user_id: random.pick(known.ids),
      identifier: oak.owner.email,
      email: `new${random.between(1, 1e6)}@oak.example`,
      role: random.pick(["owner", "member", "support"]),
      sort: random.pick(["name", "-role", "last_sign_in_at", "-email", "username"]),
      status: random.pick(["all", "active", "inactive", "sent", "completed"]),
      state: random.pick(["sent", "completed"]),
      method: "reset_link",
      limit: random.between(1, 3),
      cursor: cursor(),
      invite: random.happens(0.5),
      password: random.happens(0.1) ? GOOD_PASSWORD : "no",
      from: "2024-01-01T00:00:00Z",
      to: "2999-01-01T00:00:00Z",
      actor: random.pick(known.ids),
      time_zone: "Europe/Berlin",
      mode: random.pick(["generated", "typed"]),
      verification: { method: "in_person", note: random.happens(hostility) ? hostileValue(random) : "At the desk" },
      verification_method: "in_person",
    };
    return right[field] ?? "Some text";
  };

  const cursor = (): string => {
    const key = random.happens(hostility) ? hostileText(random) : random.pick(["a", "3", "2024-01-01 00:00:00+00"]);
    const id = random.happens(hostility) ? random.pick(["-".repeat(36), hostileText(random)]) : random.pick(known.ids);
    const parts = random.happens(hostility) ? random.pick<unknown>([[], key, null]) : [random.happens(0.5), key, id];
    return Buffer.from(JSON.stringify(parts)).toString("base64url");
  };

  const fieldsOf = (names: readonly string[]): Record<string, unknown> => {
    const chosen = names.filter(() => random.happens(0.85));
    const odd = random.happens(hostility / 3) ? [random.pick(ODD_KEYS)] : [];
    return Object.fromEntries([...chosen, ...odd].map((name) => [name, valueFor(name)]));
  };

  const queryOf = (names: readonly string[]): string => {
    const pairs = names.filter(() => random.happens(0.4)).map((name) => `${name}=${inAddress(valueFor(name))}`);
    if (random.happens(hostility / 4)) pairs.push(`${hostileInAddress(random)}=${hostileInAddress(random)}`);
    if (random.happens(hostility / 4)) pairs.push(...pairs.slice(0, 1));
    return pairs.length > 0 ? `?${pairs.join("&")}` : "";
  };

  const inAddress = (value: unknown): string =>
    random.happens(hostility / 3)
      ? hostileInAddress(random)
      : encodeURIComponent(asText(value).toWellFormed()).slice(0, 4_000);

  const bodyFor = (route: Route, operation: Operation | undefined): { body?: string | Buffer; type?: string } => {
    if (["GET", "HEAD"].includes(route.method) && random.happens(0.95)) return {};
    if (random.happens(hostility / 2)) return hostileBody(random);
    const fields = fieldsOf(operation?.fields ?? PAGE_FIELDS);
    if (isForApi(route.path)) return { body: JSON.stringify(fields), type: "application/json" };
    const pairs = Object.entries(fields).map(([name, value]): [string, string] => [name, asText(value)]);
    return { body: new URLSearchParams(pairs).toString(), type: "application/x-www-form-urlencoded" };
  };

  const headersFor = (cookie: string, type: string | undefined): Record<string, string> => {
    const link = `rekey_link_${random.pick(known.ids).replaceAll("-", "")}=${random.pick(known.tokens)}`;
    const odd = random.pick(["", "rekey=%ff", "=;;=a; rekey", link]);
    const cookies = random.happens(0.25) ? odd : random.pick([cookie, `${cookie}; ${link}`]);
    return {
      host: random.happens(0.04) ? random.pick(ODD_HOSTS) : oak.host,
      ...(random.happens(0.95) && { "sec-fetch-site": "same-origin" }),
      ...(type !== undefined && { "content-type": type }),
      ...(cookies && { cookie: cookies }),
      ...(random.happens(0.1) && { "hx-request": "true", "hx-current-url": "http://[" }),
      ...(random.happens(0.05) && { "user-agent": "\xff".repeat(2_000) }),
      ...(random.happens(0.05) && { "x-forwarded-for": "\xff, 1.2.3.4, ::1%x", "x-forwarded-host": "evil.example" }),
      ...(random.happens(0.05) && { accept: "image/png", "accept-encoding": "br;q=x, zstd", range: "bytes=9-1" }),
      ...(random.happens(0.02) && { "x-large": "x".repeat(20_000) }),
    };
  };

  return (cookie) => {
    hostility = random.pick([0, 0.05, 0.2, 0.6]);
    const route = random.pick(routes);
    const operation = operations.get(`${route.method} ${route.path}`);
    const path = route.path.replace(/:\w+|\*/g, () =>
      random.happens(0.7) ? random.pick([...known.ids, ...known.tokens]) : hostileInAddress(random).slice(0, 2_000),
    );
    const { body, type } = bodyFor(route, operation);
    return {
      method: random.happens(0.06) ? random.pick(ODD_METHODS) : route.method,
      target: path + queryOf(operation?.query ?? PAGE_QUERY),
      headers: headersFor(cookie, type),
      body,
    };
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Sends the attack as it is; the helper of the other tests would straighten its address. */
async function deliver(oak: TestInstance, attack: Attack): Promise<Reply> {
  const { port } = new URL(oak.base);
  const length = attack.body === undefined ? {} : { "content-length": Buffer.byteLength(attack.body) };
  const outgoing = send({
    agent: false,
    host: "127.0.0.1",
    port,
    method: attack.method,
    path: attack.target,
    headers: { ...attack.headers, ...length },
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", resolve).on("error", reject).end(attack.body);
  const response = await promise.catch((cause: unknown) => {
    throw new Error(`no answer to ${JSON.stringify(attack).slice(0, 2_000)}`, { cause });
  });
  return { status: response.statusCode ?? 0, headers: response.headers, text: await bodyOf(response) };
}
