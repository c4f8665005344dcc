import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";

import { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { dumpOf, rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

let number = 0;

function createHttpsInstance(): Promise<TestInstance> {
  number += 1;
  return rekey.createInstance("Pine House", `https://crm${process.pid}-${number}.pine.example`);
}

/** @returns the cookie of the session that signing in sets, with its attributes in lower case and in order. */
async function signInCookie(
  of: TestInstance,
  cookies = new CookieJar(),
): Promise<{ pair: string; attributes: string[] }> {
  const json = { identifier: of.owner.username, password: of.owner.password };
  const answer = await of.api("POST", "/session", { json, cookies });
  assert.equal(answer.status, 200, answer.text);
  return parsed(answer.setCookies);
}

function parsed(setCookies: readonly string[]): { pair: string; attributes: string[] } {
  const ofSession = setCookies.filter((cookie) => !/^(?:__Host-)?rekey-browser=/.test(cookie));
  assert.equal(ofSession.length, 1, setCookies.join(" | "));
  const [pair = "", ...attributes] = ofSession[0]?.split("; ") ?? [];
  return { pair, attributes: attributes.map((attribute) => attribute.toLowerCase()).toSorted() };
}

suite("SE1: the session's cookie", () => {
  test("SE1 on http loopback is for this host alone, out of reach of scripts and of other sites' forms", async () => {
    const { pair, attributes } = await signInCookie(await rekey.createInstance());
    assert.match(pair, /^rekey=[\w-]{43}$/);
    assert.deepEqual(attributes, ["httponly", "path=/", "samesite=lax"]);
  });

  test("SE1 on https bears the prefix that binds it to host and https", async () => {
    const pine = await createHttpsInstance();
    const { pair, attributes } = await signInCookie(pine);
    assert.match(pair, /^__Host-rekey=[\w-]{43}$/);
    assert.deepEqual(attributes, ["httponly", "path=/", "samesite=lax", "secure"]);
    const unprefixed = await pine.api("GET", "/session", { headers: { cookie: pair.replace("__Host-", "") } });
    assert.equal(unprefixed.status, 401, "another host of the domain could have set a cookie without the prefix");
    assert.equal((await pine.api("GET", "/session", { headers: { cookie: pair } })).status, 200);
  });

  test("SE1 is the same by the form, and is taken back on signing out", async () => {
    for (const oak of [await rekey.createInstance(), await createHttpsInstance()]) {
      const cookies = new CookieJar();
      const form = { identifier: oak.owner.email, password: String(oak.owner.password), next: "" };
      const signedIn = await oak.request("/sign-in", { form, cookies });
      const { pair, attributes } = parsed(signedIn.setCookies.filter((cookie) => !/max-age=0/i.test(cookie)));
      assert.deepEqual(attributes, [
        "httponly",
        "path=/",
        "samesite=lax",
        ...(pair.startsWith("__Host-") ? ["secure"] : []),
      ]);
      const signedOut = await oak.request("/sign-out", { form: {}, cookies });
      const taken = parsed(signedOut.setCookies.filter((cookie) => /max-age=0/i.test(cookie)));
      assert.equal(taken.pair, `${pair.split("=")[0]}=`);
      assert(taken.attributes.includes("max-age=0"), "a browser drops it");
      assert.equal(
        taken.attributes.includes("secure"),
        pair.startsWith("__Host-"),
        "without Secure a browser ignores __Host-",
      );
      assert.equal(
        (await oak.api("GET", "/session", { headers: { cookie: pair } })).status,
        401,
        "and it is dead here, too",
      );
    }
  });

  test("SE1 holds 256 random bits, new at each sign-in, whatever the browser brought along", async () => {
    const oak = await rekey.createInstance();
    const planted = Buffer.alloc(32, 7).toString("base64url");
    const cookies = new CookieJar();
    cookies.set("rekey", planted);
    const ids = new Set([planted]);
    for (let round = 1; round <= 10; round += 1) {
      const { pair } = await signInCookie(oak, cookies);
      const id = pair.split("=")[1] ?? "";
      assert.equal(Buffer.from(id, "base64url").length, 32);
      ids.add(id);
      assert.equal(ids.size, round + 1, "no id comes twice");
    }
    assert.equal((await oak.api("GET", "/session", { headers: { cookie: `rekey=${planted}` } })).status, 401);
  });

  test("SE1 is kept as a digest alone", async () => {
    const oak = await rekey.createInstance();
    const { pair } = await signInCookie(oak);
    const id = pair.split("=")[1] ?? "";
    const bytes = Buffer.from(id, "base64url");
    const digest = createHash("sha256").update(id).digest("hex");
    const [session] = await rowsOf(oak, "sessions");
    assert.equal(session?.id_digest, `\\x${digest}`);
    const dump = await dumpOf(oak);
    for (const form of [id, bytes.toString("hex"), bytes.toString("base64"), Buffer.from(id).toString("hex")]) {
      assert(!dump.includes(form), "nobody who reads the database can be signed in by it");
    }
    assert(dump.includes(digest), "the dump shows bytes as hexadecimal, so the search above can find something");
  });

  test("SE1 the cookie of an opened link is guarded alike and ends within half an hour", async () => {
    for (const oak of [await rekey.createInstance(), await createHttpsInstance()]) {
      const token = await oak.mailedToken(await oak.addUser(), await oak.asOwner());
      const { pair, attributes } = parsed((await oak.request(`/reset-password/${token}`)).setCookies);
      const isHttps = oak.instance.origin.startsWith("https:");
      assert.match(pair, isHttps ? /^__Host-rekey_link_[0-9a-f]{32}=/ : /^rekey_link_[0-9a-f]{32}=/);
      const guarded = ["httponly", "max-age=1800", "path=/", "samesite=lax", ...(isHttps ? ["secure"] : [])];
      assert.deepEqual(attributes, guarded);
    }
  });
});
