import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { type Answer, CookieJar } from "../support/http.ts";
import { testRekey } from "../support/rekey.ts";
import { routesOf } from "../support/routes.ts";

const rekey = await testRekey();

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const SOMEBODY = "01990000-0000-7000-8000-000000000000";

suite("an address that does not take a method", () => {
  test("I1 says so with 405 and the methods that it takes, wherever it is, signed in or not", async () => {
    const oak = await rekey.createInstance();
    const routes = await routesOf(rekey);
    const paths = [...new Set(routes.map(({ path }) => path))];
    const owner = await oak.asOwner();
    let asked = 0;
    for (const path of paths) {
      const target = path.replace(/:\w+/g, SOMEBODY);
      const taken = routes.filter((route) => patternOf(route.path).test(target)).map(({ method }) => method);
      for (const method of METHODS.filter((each) => !taken.includes(each))) {
        for (const cookies of [owner, new CookieJar()]) {
          const answer = await oak.request(target, { method, cookies });
          requireTold(answer, `${method} ${target}`);
          assert.deepEqual(allowedBy(answer), allowed(taken), `${method} ${target}`);
          asked += 1;
        }
      }
    }
    assert(asked > 300, `${asked} were asked`);
  });

  test("is not taken for one that there is not", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    for (const target of ["/nothing", "/api/v1/nothing", "/settings/users/x/y/z", "/api/v1"])
      for (const method of METHODS) {
        const { status, headers } = await oak.request(target, { method, cookies });
        assert.deepEqual([status, headers.allow], [404, undefined], `${method} ${target}`);
      }
    const unknown = await oak.api("GET", `/users/${SOMEBODY}`, { cookies });
    assert.deepEqual([unknown.status, unknown.headers.allow], [404, undefined]);
  });
});

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
}

function allowed(taken: readonly string[]): ReadonlySet<string> {
  return new Set([...taken, ...(taken.includes("GET") ? ["HEAD"] : [])]);
}

function allowedBy({ headers }: Answer): ReadonlySet<string> {
  return new Set(String(headers.allow).split(", "));
}

function requireTold(answer: Answer, what: string): void {
  assert.equal(answer.status, 405, `${what}: ${answer.text.slice(0, 300)}`);
  assert.match(answer.text, /This address does not take that kind of request/, what);
  if (!what.includes(" /api/")) return;
  assert.equal(answer.headers["content-type"], "application/problem+json", what);
  assert.equal((answer.json() as { code: string }).code, "method_not_allowed", what);
}
