import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import { CookieJar, request } from "./support/http.ts";
import { type SmtpSink, startSmtpSink } from "./support/smtp-sink.ts";

const MAIL = [
  "EHLO test\r\nMAIL FROM:<zoë@a.example> SMTPUTF8\r\nRCPT TO:<b@b.example>\r\nRCPT TO:<c@c.example>\r\nDATA\r\n",
  "Subject: Hello\r\n\r\nfirst\r\n..second\r\n...\r\n.\r\nQUIT\r\n",
].join("");

suite("the SMTP sink", () => {
  test("keeps a mail the same, whether it arrives at once or byte by byte", async () => {
    const sink = await startSmtpSink();
    for (const size of [1, 7, MAIL.length]) await converse(sink, MAIL, size);
    assert.equal(sink.mails.length, 3);
    for (const { from, to, raw, message } of sink.mails) {
      assert.deepEqual({ from, to }, { from: "zoë@a.example", to: ["b@b.example", "c@c.example"] });
      assert.equal(raw.toString(), "Subject: Hello\r\n\r\nfirst\r\n.second\r\n..\r\n");
      assert.equal(message.subject, "Hello");
    }
    await sink.close();
  });

  test("refuses the recipient or the message that it is told to refuse", async () => {
    const sink = await startSmtpSink();
    sink.answer(({ verb, to }) =>
      verb === "RCPT" && to.at(-1) === "b@b.example" ? "550 5.1.1 No such user" : undefined,
    );
    assert.match(await converse(sink, MAIL), /550 5\.1\.1 No such user/);
    assert.deepEqual(
      sink.mails.map(({ to }) => to),
      [["c@c.example"]],
    );
    sink.clear();
    sink.answer(({ verb }) => (verb === "DATA" ? "451 4.3.0 Later" : undefined));
    assert.match(await converse(sink, MAIL), /451 4\.3\.0 Later/);
    assert.deepEqual(sink.mails, []);
    await sink.close();
  });

  test("waits for a mail, and says what came instead", async () => {
    const sink = await startSmtpSink();
    const waiting = sink.waitFor(({ to }) => to.includes("c@c.example"));
    await converse(sink, MAIL);
    assert.equal((await waiting).message.subject, "Hello");
    await assert.rejects(
      sink.waitFor(({ from }) => from === "", 20),
      /"Hello" to b@b\.example, c@c\.example/,
    );
    await sink.close();
  });

  test("refuses connections while it pauses, survives a reset, and answers again on the same port", async () => {
    const sink = await startSmtpSink();
    const { url } = sink;
    const socket = await dial(sink);
    socket.write("EHLO test\r\n");
    socket.resetAndDestroy();
    await sink.pause();
    await assert.rejects(dial(sink), { code: "ECONNREFUSED" });
    await sink.resume();
    assert.equal(sink.url, url);
    assert.match(await converse(sink, MAIL), /250 kept/);
    await sink.close();
  });
});

suite("the HTTP client", () => {
  test("sends Host, form and cookies, follows no redirect, and keeps what it is given", async () => {
    const server = createServer((incoming, outgoing) => {
      const { method, headers } = incoming;
      outgoing.setHeader("set-cookie", ["a=1; Path=/; HttpOnly", "old=; Max-Age=0"]);
      outgoing.writeHead(303, { location: "/elsewhere" });
      incoming.on("data", (body: Buffer) => outgoing.end(JSON.stringify({ method, headers, body: String(body) })));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    assert(address && typeof address === "object");
    const cookies = new CookieJar();
    cookies.set("old", "x");
    const form = { name: "Zoë & Co", role: ["agent", "admin"] };
    const answer = await request(`http://127.0.0.1:${address.port}`, "/users", {
      host: "acme.localhost",
      form,
      cookies,
    });
    const seen = answer.json() as { method: string; headers: Record<string, string>; body: string };
    assert.equal(answer.status, 303);
    assert.equal(seen.method, "POST");
    assert.equal(seen.headers["host"], "acme.localhost");
    assert.equal(seen.headers["cookie"], "old=x");
    assert.equal(seen.body, "name=Zo%C3%AB+%26+Co&role=agent&role=admin");
    assert.equal(String(cookies), "a=1");
    server.close();
  });
});

async function dial(sink: SmtpSink): Promise<Socket> {
  const socket = connect(Number(new URL(sink.url).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** @returns everything that the sink says while these words reach it in pieces of this size. */
async function converse(sink: SmtpSink, words: string, size = words.length): Promise<string> {
  const socket = await dial(sink);
  socket.setNoDelay(true);
  const bytes = Buffer.from(words);
  const heard = socket.toArray();
  for (let at = 0; at < bytes.length; at += size) {
    socket.write(bytes.subarray(at, at + size));
    await nextTurn();
  }
  return Buffer.concat(await heard).toString();
}
