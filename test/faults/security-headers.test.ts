import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { type Answer, type CookieJar, request } from "../support/http.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { routesOf } from "../support/routes.ts";

const rekey = await testRekey();

/** One answer of every kind that the program gives, by what it is. */
async function everyKindOfAnswer(
  oak: TestInstance,
): Promise<Readonly<Record<string, { status: number; answer: Answer }>>> {
  const cookies = await oak.asOwner();
  const maria = await oak.addUser();
  const token = await oak.mailedToken(maria, cookies);
  const json = { identifier: "x", password: "y" };
  const css = /href="(\/assets\/[^"]+\.css)"/.exec((await oak.request("/sign-in")).text)?.[1] ?? "";
  const kinds: Record<string, [number, Promise<Answer>]> = {
    "a public page": [200, oak.request("/sign-in")],
    "a page for the signed-in": [200, oak.request("/settings/users", { cookies })],
    "a fragment": [200, oak.request(`/settings/users/${maria.id}/panel`, { cookies })],
    "the API": [200, oak.api("GET", "/users", { cookies })],
    "the API document": [200, oak.request("/api/openapi.json")],
    "no content": [
      204,
      oak.api("POST", "/recovery-redemptions", { json: { token, password: "amber compass willow" } }),
    ],
    "a redirect to sign in": [303, oak.request("/")],
    "a redirect after a form": [303, oak.request("/forgot-password", { form: { identifier: "x" } })],
    "a link that takes its token away": [404, oak.request("/reset-password/x")],
    "an asset": [200, oak.request(css)],
    "the instance's colour": [200, oak.request("/instance.css")],
    health: [200, request(oak.base, "/healthz")],
    readiness: [200, request(oak.base, "/readyz")],
    metrics: [200, request(oak.base, "/metrics")],
    "metrics for nobody": [404, request(oak.base, "/metrics", { host: "evil.example" })],
    HEAD: [200, oak.request("/sign-in", { method: "HEAD" })],
    "a request that cannot be read": [400, oak.api("POST", "/session", { body: "{", headers: JSON_TYPE })],
    "wrong credentials": [401, oak.api("POST", "/session", { json })],
    "wrong credentials in the form": [401, oak.request("/sign-in", { form: json })],
    "nobody signed in": [401, oak.api("GET", "/users")],
    "another site": [403, oak.request("/sign-in", { form: json, headers: { "sec-fetch-site": "cross-site" } })],
    "not found": [404, oak.request("/nothing/here")],
    "not found in the API": [404, oak.api("GET", "/nothing", { cookies })],
    "a method that nothing takes": [405, oak.request("/sign-in", { method: "PUT" })],
    "too large": [413, oak.request("/sign-in", { form: { identifier: "x".repeat(300_000) } })],
    "too large for the API": [413, oak.api("POST", "/session", { json: { identifier: "x".repeat(300_000) } })],
    "no JSON": [415, oak.api("POST", "/session", { form: { identifier: "x" } })],
    "another host": [421, request(oak.base, "/", { host: "evil.example" })],
    "another host for the API": [421, request(oak.base, "/api/v1/users", { host: "evil.example" })],
    "a field that is wrong": [422, oak.api("POST", "/session", { json: { identifier: 1 } })],
    "a click in a page, refused": [401, oak.request("/settings/users", { headers: { "hx-request": "true" } })],
  };
  const entries = Object.entries(kinds).map(async ([name, [status, answer]]) => [
    name,
    { status, answer: await answer },
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

const JSON_TYPE = { "content-type": "application/json" };

/** Answers that hold nothing of anybody and may be kept. */
const KEPT = new Set(["an asset", "the instance's colour"]);

suite("H1: the headers of every answer", () => {
  for (const origin of [undefined, `https://h1-${process.pid}.oak.example`]) {
    test(`H1 are strict on ${origin ? "https" : "http loopback"}`, async () => {
      const oak = await rekey.createInstance("Oak Recovery", origin);
      for (const [name, { status, answer }] of Object.entries(await everyKindOfAnswer(oak))) {
        assert.equal(answer.status, status, `${name}: ${answer.text}`);
        const { headers } = answer;
        requireStrictPolicy(String(headers["content-security-policy"]), name);
        assert.equal(headers["x-content-type-options"], "nosniff", name);
        assert.match(String(headers["referrer-policy"]), /^(same-origin|no-referrer)$/, name);
        assert.equal(headers["cross-origin-opener-policy"], "same-origin", name);
        assert.equal(headers["cross-origin-resource-policy"], "same-origin", name);
        assert.match(String(headers["x-request-id"]), /^[0-9a-f-]{36}$/, name);
        assert.equal(headers["x-powered-by"], undefined, name);
        assert.equal(headers["access-control-allow-origin"], undefined, name);
        if (!KEPT.has(name)) assert.equal(headers["cache-control"], "no-store", name);
        const isOfInstance = !/health|readiness|metrics|another host/.test(name);
        const hsts = headers["strict-transport-security"];
        if (origin && isOfInstance) assert.match(String(hsts), /^max-age=31536000/, name);
        else assert.equal(hsts, undefined, name);
      }
    });
  }

  test("H1 the token's way out of the address bar sends no referrer", async () => {
    const oak = await rekey.createInstance();
    const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
    for (const each of [token, `${token}x`]) {
      assert.equal((await oak.request(`/reset-password/${each}`)).headers["referrer-policy"], "no-referrer");
    }
  });

  test("H1 a policy that lets scripts of a page run is seen", () => {
    for (const weak of [
      "",
      "default-src 'self'",
      "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
      "default-src 'none'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'",
      "default-src 'none'; script-src https:; frame-ancestors 'none'",
      "default-src 'none'; script-src 'self'",
    ]) {
      assert.throws(() => requireStrictPolicy(weak, weak), assert.AssertionError);
    }
  });
});

suite("H3: third parties", () => {
  test("H3 no page loads, links or posts to another origin, and none holds a script or style of its own", async () => {
    const oak = await rekey.createInstance();
    const pages = await everyPage(oak, await oak.asOwner());
    assert(pages.size >= 8, [...pages.keys()].join(" "));
    for (const [path, html] of pages) {
      for (const [, attribute, address] of html.matchAll(
        /\s(src|href|action|formaction|srcset|poster|data|hx-\w+)="([^"]*)"/g,
      )) {
        if (attribute?.startsWith("hx-") && !/^hx-(get|post|put|patch|delete)$/.test(attribute)) continue;
        assert.match(String(address), /^(\/(?!\/)|#|\?|$)/, `${path}: ${attribute}="${address}"`);
      }
      assert.doesNotMatch(html, /\sstyle="|<style|\son[a-z]+="|javascript:|hx-on|\shx-vals="js:/i, path);
      assert.doesNotMatch(html, /<script(?![^>]*\ssrc="\/assets\/)/, path);
      assert.doesNotMatch(html, /<meta[^>]+http-equiv|<base\b|@import|url\((?!["']?data:)/i, path);
    }
  });

  test("H3 styles and scripts fetch nothing from elsewhere either", async () => {
    const oak = await rekey.createInstance();
    const { text } = await oak.request("/sign-in");
    const assets = [...text.matchAll(/(?:src|href)="(\/[^"]+\.(?:css|js|svg))"/g)].map(([, path]) => String(path));
    assert(assets.length >= 4, assets.join(" "));
    for (const path of assets) {
      const { text: content } = await oak.request(path);
      assert.doesNotMatch(content, /@import|url\(["']?(?:https?:)?\/\//, path);
    }
  });
});

suite("H4: where programs look by convention", () => {
  test("H4 a password manager finds where a password is changed", async () => {
    const oak = await rekey.createInstance();
    const answer = await oak.request("/.well-known/change-password");
    assert.equal(answer.status, 303);
    const page = await oak.request(String(answer.headers.location));
    assert.equal(page.status, 200);
    assert.match(page.text, /<form method="post"/);
  });

  test("H4 whoever finds a hole finds whom to tell, and until when that holds (RFC 9116)", async () => {
    const oak = await rekey.createInstance("Oak Recovery", `https://h4-${process.pid}.oak.example`);
    const answer = await oak.request("/.well-known/security.txt");
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    const fields = new Map(
      answer.text.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
    );
    assert.match(String(fields.get("Contact")), /^(https:\/\/|mailto:)/);
    assert.equal(fields.get("Canonical"), `${oak.instance.origin}/.well-known/security.txt`);
    const expires = Date.parse(String(fields.get("Expires")));
    const now = rekey.clock.now().getTime();
    assert(expires > now, "the future");
    assert(expires < now + 366 * 86_400_000, "less than a year on is recommended");
  });

  test("H4 an address that nobody agreed on is not found", async () => {
    const oak = await rekey.createInstance();
    const nonsense = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert.equal((await oak.request(nonsense)).status, 404);
  });
});

function requireStrictPolicy(policy: string, name: string): void {
  const directives = new Map(policy.split("; ").map((one) => [one.split(" ")[0], one.split(" ").slice(1).join(" ")]));
  assert.equal(directives.get("default-src"), "'none'", name);
  assert.equal(directives.get("script-src"), "'self'", name);
  assert.equal(directives.get("frame-ancestors"), "'none'", name);
  assert.equal(directives.get("base-uri"), "'none'", name);
  assert.equal(directives.get("form-action"), "'self'", name);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/, name);
}

/** @returns the HTML of every page that a GET shows the owner or a stranger, by its path. */
async function everyPage(oak: TestInstance, admin: CookieJar): Promise<ReadonlyMap<string, string>> {
  const maria = await oak.addUser({ firstName: "Maria" });
  const token = await oak.mailedToken(maria, admin);
  const opened = await oak.request(`/reset-password/${token}`, { cookies: admin });
  const known = (await routesOf(rekey)).filter(({ method, path }) => method === "GET" && !path.startsWith("/api/"));
  const paths = known.map(({ path }) => path.replace(":id", maria.id).replace(":token", token));
  const pages = new Map<string, string>();
  for (const path of [...paths, String(opened.headers.location), "/nothing/here", "/settings/users?q=nobody"]) {
    for (const cookies of [admin, undefined]) {
      const { headers, text } = await oak.request(path, cookies ? { cookies } : {});
      if (String(headers["content-type"]).startsWith("text/html")) pages.set(`${path} ${cookies ? "in" : "out"}`, text);
    }
  }
  return pages;
}
