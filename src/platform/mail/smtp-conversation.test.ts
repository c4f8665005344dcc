import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { suite, test } from "node:test";

import { SmtpConversation, SmtpFault } from "./smtp-conversation.ts";
import { readSmtpUrl } from "./smtp-server.ts";

const LONGEST_MS = 100;

/** What a mail server may do instead of answering, with what is said of it. */
const MANNERS: readonly (readonly [manner: string, behave: (socket: Socket) => void, says: RegExp])[] = [
  ["says nothing", () => {}, /^it does not answer within 0\.1 s$/],
  ["greets without an end", (socket) => drip(socket, "220-patience\r\n"), /^it does not answer within/],
  ["sends nonsense without an end", (socket) => void socket.write("x".repeat(70_000)), /^it answers without an end$/],
  ["hangs up", (socket) => void socket.end(), /^it hung up$/],
  ["sends us away", (socket) => void socket.write("554-No\r\n554 service\r\n"), /^it greets with "554 No service"$/],
];

suite("a conversation with a mail server", () => {
  for (const [manner, behave, says] of MANNERS) {
    test(`ends in time when the server ${manner}`, async () => {
      const { server, url } = await listen(behave);
      await assert.rejects(SmtpConversation.open(readSmtpUrl(url), LONGEST_MS), (error: unknown) => {
        assert(error instanceof SmtpFault, String(error));
        assert.match(error.message, says);
        return true;
      });
      server.close();
    });
  }

  test("takes an answer of several lines, however its bytes arrive, for one", async () => {
    const { server, url } = await listen((socket) => {
      for (const piece of ["22", "0-one\r", "\n220-two\r\n220", " three\r\n"]) socket.write(piece);
      socket.once("data", () => socket.write("250-oak.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"));
    });
    const conversation = await SmtpConversation.open(readSmtpUrl(url), LONGEST_MS);
    assert.deepEqual(await conversation.greet(), ["STARTTLS", "AUTH PLAIN"]);
    assert.equal(conversation.encryption, undefined);
    await assert.rejects(conversation.say("MAIL FROM:<a@b>\r\nDATA"), SmtpFault, "no second command rides along");
    conversation.close();
    server.close();
  });

  test("reads an address as the transport does", () => {
    const plain = readSmtpUrl("smtp://mail.oak.example");
    assert.deepEqual([plain.host, plain.port, plain.isSecure, plain.auth], ["mail.oak.example", 587, false, undefined]);
    const whole = readSmtpUrl(
      "smtps://a%40b:p%3Aq@[::1]:2465/?tls.rejectUnauthorized=false&requireTLS=true&name=me.example",
    );
    assert.deepEqual(whole, {
      host: "::1",
      port: 2465,
      isSecure: true,
      auth: { user: "a@b", password: "p:q" },
      ignoresStartTls: false,
      requiresStartTls: true,
      tls: { rejectUnauthorized: false },
      ownName: "me.example",
    });
  });
});

async function listen(behave: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    behave(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function drip(socket: Socket, word: string): void {
  const timer = setInterval(() => socket.write(word), 20);
  socket.once("close", () => clearInterval(timer));
}
