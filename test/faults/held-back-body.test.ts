import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { CookieJar } from "../support/http.ts";
import { formWithFile } from "../support/multipart.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

interface Held {
  readonly target: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A request of which the second half is held back. Resolves when the server has begun to wait for it. */
async function begin(oak: TestInstance, { target, headers, body }: Held): Promise<Socket> {
  const socket = connect(Number(new URL(oak.base).port), "127.0.0.1");
  const all = { Host: oak.host, "Sec-Fetch-Site": "same-origin", "Content-Length": body.length, ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}`);
  socket.write([`POST ${target} HTTP/1.1`, ...head, "", ""].join("\r\n"));
  socket.write(body.subarray(0, body.length / 2));
  await pause(300);
  return socket;
}

/** @returns the status of the answer, once the rest is sent. */
async function end(socket: Socket, { body }: Held): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.setEncoding("utf8").once("data", resolve);
  socket.write(body.subarray(body.length / 2));
  const answer = await promise;
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

suite("a request whose end is held back", () => {
  const kinds: Readonly<Record<string, (cookies: CookieJar, userId: string) => Promise<Held>>> = {
    "an act by the API": async (cookies, userId) => ({
      target: `/api/v1/users/${userId}/temporary-password`,
      headers: { Cookie: cookies, "Content-Type": "application/json" },
      body: Buffer.from(JSON.stringify({ mode: "generated", verification: { method: "in_person" } })),
    }),
    "a click on a page": async (cookies, userId) => ({
      target: `/settings/users/${userId}/reset-links`,
      headers: { Cookie: cookies, "Content-Type": "application/x-www-form-urlencoded" },
      body: Buffer.from("return_to=%2Fsettings%2Fusers"),
    }),
    "an import": async (cookies) => {
      const { body, headers } = await formWithFile({}, "Email Address,First Name,Last Name\na@x.example,Ann,Other\n");
      return { target: "/settings/users/import", headers: { Cookie: cookies, ...headers }, body: Buffer.from(body) };
    },
  };

  for (const [what, held] of Object.entries(kinds)) {
    test(`SE2, A7 does nothing once everything was ended: ${what}`, async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const request = await held(await oak.asOwner(), maria.id);
      const socket = await begin(oak, request);
      const reason = { json: { reason: "A laptop is gone" }, cookies: await oak.asOwner() };
      assert.equal((await oak.api("POST", "/emergency/end-everything", reason)).status, 200);
      assert.equal(await end(socket, request), 401);
      assert.deepEqual(await rowsOf(oak, "recoveries"), []);
      assert.equal((await rowsOf(oak, "users")).length, 2);
    });
  }
});
