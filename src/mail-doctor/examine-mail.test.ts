import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, suite, test } from "node:test";

import type { Instance } from "#instances/instance.ts";
import { dkimRecordName, publishedKey } from "#platform/mail/dkim-key.ts";
import type { MailSetup } from "#platform/mail/mail-setup.ts";
import { TestDns } from "../../test/support/dns.ts";
import { MailServer, type Manners, trusting } from "../../test/support/mail-server.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { examineMail } from "./examine-mail.ts";
import type { Check, Finding } from "./finding.ts";

const rekey = await testRekey();
const { instance } = await rekey.createInstance();
const OAK: Instance = { ...instance, mailFrom: "Oak Help <help@oak.example>" };
const PASSWORD = "granite:teapot";
const WHO = `rekey:${encodeURIComponent(PASSWORD)}`;
const KEY = {
  domain: "oak.example",
  selector: "rekey",
  privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};

const SETUP = { dkim: KEY, bounceDomain: "bounces.oak.example", defaultSender: undefined };

suite("examining the mail", () => {
  let server: MailServer | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
    rekey.clock.run();
  });

  test("finds nothing wrong where nothing is, and sends no mail", async () => {
    const url = await serve({ user: { name: "rekey", password: PASSWORD } });
    const findings = await examine({ smtpUrl: url(WHO) });
    assert.deepEqual(
      findings.map(({ check, result }) => [check, result]),
      [
        ["server_name", "ok"],
        ["server_connection", "ok"],
        ["server_encryption", "ok"],
        ["server_sign_in", "ok"],
        ["sender_accepted", "ok"],
        ["spf", "ok"],
        ["dkim", "ok"],
        ["dmarc", "ok"],
        ["bounces", "ok"],
      ],
      JSON.stringify(findings, null, 2),
    );
    assert.deepEqual(
      server?.heard,
      ["MAIL postmaster@bounces.oak.example", "RCPT postmaster@oak.example"],
      "and no DATA",
    );
    assert.match(at(findings, "server_encryption").found, /^Encrypted with TLSv1\.3; .* valid for \d{5} more days\.$/);
  });

  test("goes by the return path where there is one, and says when nobody would hear of a bounce", async () => {
    const url = await serve({ user: { name: "rekey", password: PASSWORD } });
    const without = await examine({ smtpUrl: url(WHO), bounceDomain: undefined });
    assert.equal(at(without, "bounces").result, "warning");
    assert.deepEqual(server?.heard, ["MAIL help@oak.example", "RCPT postmaster@oak.example"]);
    const elsewhere = await examine({ smtpUrl: url(WHO), bounceDomain: "nowhere.example" });
    assert.equal(at(elsewhere, "bounces").result, "fault");
    assert.deepEqual(at(elsewhere, "bounces").record?.type, "MX");
    assert.equal(at(elsewhere, "spf").result, "fault", "SPF goes by the return path");
  });

  test("works with a server that is encrypted from the first byte", async () => {
    const url = await serve({ isSecure: true, user: { name: "rekey", password: PASSWORD } });
    const findings = await examine({ smtpUrl: url(WHO) });
    assert.deepEqual(faultsIn(findings), []);
    assert.equal(at(findings, "server_encryption").result, "ok");
    assert.equal(at(findings, "server_sign_in").result, "ok");
  });

  test("says in how few days the certificate ends", async () => {
    const url = await serve();
    rekey.clock.freezeAt(new Date("2098-12-27T12:00:00Z"));
    const { result, found, change } = at(await examine({ smtpUrl: url() }), "server_encryption");
    assert.equal(result, "warning");
    assert.match(found, /valid for 4 more days/);
    assert.match(String(change), /Renew/);
  });

  test("says that the certificate has expired, and stops where the program would", async () => {
    const url = await serve({ certificate: "expired", user: { name: "rekey", password: PASSWORD } });
    const findings = await examine({ smtpUrl: url(WHO, trusting("expired")) });
    const { result, found } = at(findings, "server_encryption");
    assert.equal(result, "fault");
    assert.match(found, /expired on Jan {2}1 00:00:00 2021 GMT\. No mail is sent to such a server\.$/);
    assert.equal(
      findings.find(({ check }) => check === "server_sign_in"),
      undefined,
      "nobody gets the password",
    );
    assert.equal(at(findings, "sender_accepted").result, "skipped");
  });

  test("says that nobody vouches for a certificate, and what it means to look away", async () => {
    const url = await serve();
    const refused = at(await examine({ smtpUrl: url("", "") }), "server_encryption");
    assert.equal(refused.result, "fault");
    assert.match(refused.found, /signed by nobody whom this machine trusts/);
    const ignored = at(await examine({ smtpUrl: url("", "?tls.rejectUnauthorized=false") }), "server_encryption");
    assert.equal(ignored.result, "warning");
    assert.match(ignored.found, /anybody on the way/);
  });

  test("says that a certificate is for another name", async () => {
    const url = await serve();
    const byAddress = url().replace("localhost", "127.0.0.1");
    const { result, found } = at(await examine({ smtpUrl: byAddress }), "server_encryption");
    assert.equal(result, "fault");
    assert.match(found, /not for 127\.0\.0\.1 but for localhost/);
  });

  test("says that a password is refused, and never which", async () => {
    const url = await serve({ user: { name: "rekey", password: "another" } });
    const findings = await examine({ smtpUrl: url(WHO) });
    const { result, found, change } = at(findings, "server_sign_in");
    assert.equal(result, "fault");
    assert.match(found, /refuses user and password \(535/);
    assert.match(String(change), /SMTP_URL/);
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString("base64")])
      assert(!JSON.stringify(findings).includes(secret), secret);
    assert.equal(at(findings, "sender_accepted").result, "skipped");
  });

  test("says that a server of this machine may go without encryption, and that a sign-in it does not offer is missing", async () => {
    const url = await serve({ certificate: "none", offersNoSignIn: true });
    const findings = await examine({ smtpUrl: url("", "") });
    assert.deepEqual(
      [at(findings, "server_encryption").result, at(findings, "server_sign_in").result],
      ["ok", "skipped"],
    );
    const missing = at(await examine({ smtpUrl: url(WHO) }), "server_sign_in");
    assert.equal(missing.result, "fault");
    assert.match(missing.found, /offers no sign-in/);
  });

  test("tells a refused sender from one that is deferred, and from a server that relays nothing", async () => {
    const cases = [
      ["MAIL", 550, "fault", /refuses a mail from help@oak\.example: "550 Not yours"/],
      ["MAIL", 451, "warning", /defers .*"451 Not yours"\. The program tries again/],
      ["RCPT", 450, "warning", /defers a mail from help@oak\.example to postmaster@oak\.example: "450 Not yours"/],
      ["RCPT", 554, "fault", /refuses a mail from help@oak\.example to postmaster@oak\.example/],
    ] as const;
    for (const [verb, code, result, says] of cases) {
      const url = await serve({ refuse: (given) => (given === verb ? { code, words: "Not yours" } : undefined) });
      const finding = at(await examine({ smtpUrl: url() }), "sender_accepted");
      assert.equal(finding.result, result, finding.found);
      assert.match(finding.found, says);
      await server?.close();
    }
    server = undefined;
  });

  test("looks at each sender once, however many instances share it, and goes on after a refused one", async () => {
    const url = await serve({
      refuse: (verb, address) => (verb === "MAIL" && address.includes("elm") ? { code: 550, words: "No" } : undefined),
    });
    const elm = { ...OAK, mailFrom: "help@elm.example" };
    const findings = await examine({ smtpUrl: url(), bounceDomain: undefined }, [elm, OAK, { ...OAK, name: "Second" }]);
    const accepted = findings.filter(({ check }) => check === "sender_accepted");
    assert.deepEqual(
      accepted.map(({ subject, result }) => [subject, result]),
      [
        ["help@elm.example", "fault"],
        ["help@oak.example", "ok"],
      ],
    );
  });

  test("says that a sender on a name of this machine alone reaches nobody", async () => {
    const url = await serve();
    const findings = await examine({ smtpUrl: url() }, [{ ...OAK, mailFrom: "rekey@localhost" }]);
    assert.equal(at(findings, "spf").result, "warning");
    assert.match(String(at(findings, "spf").change), /MAIL_FROM/);
  });

  test("says that nobody listens, that nobody answers, or that DNS knows no such machine", async () => {
    const url = await serve();
    const closed = url();
    await server?.close();
    server = undefined;
    const findings = await examine({ smtpUrl: closed });
    assert.match(at(findings, "server_connection").found, /cannot be talked to: connect ECONNREFUSED/);
    assert.equal(at(findings, "sender_accepted").result, "skipped");
    assert.equal(at(findings, "spf").result, "ok", "what DNS says is looked at all the same");

    const unknown = await examine({ smtpUrl: "smtp://mail.nowhere.invalid:25" });
    assert.equal(at(unknown, "server_name").result, "fault");
    assert.match(at(unknown, "server_name").found, /DNS knows no machine called mail\.nowhere\.invalid/);
  });

  test("says at which step the server broke off", async () => {
    for (const [verb, check] of [
      ["EHLO", "server_encryption"],
      ["AUTH", "server_sign_in"],
    ] as const) {
      const rude = createServer((socket) => {
        socket.on("error", () => {}).write("220 oak\r\n");
        socket.on("data", (line) =>
          String(line).startsWith(verb) ? socket.end() : socket.write("250-oak\r\n250 AUTH PLAIN\r\n"),
        );
      });
      rude.listen(0, "127.0.0.1");
      await once(rude, "listening");
      const { port } = rude.address() as AddressInfo;
      const findings = await examine({ smtpUrl: `smtp://${WHO}@127.0.0.1:${port}` });
      rude.close();
      assert.equal(findings.filter((finding) => finding.check === check).length, 1);
      assert.match(at(findings, check).found, /ends the conversation here: it hung up\.$/);
      assert.equal(at(findings, "sender_accepted").result, "skipped");
    }
  });

  test("says that no mail leaves where none is configured to", async () => {
    const findings = await examine({ smtpUrl: undefined });
    assert.deepEqual(
      findings.map(({ result }) => result),
      ["skipped"],
    );
    const elsewhere = { ...OAK, origin: "https://crm.oak.example" };
    const [fault] = await examine({ smtpUrl: undefined }, [OAK, elsewhere]);
    assert.deepEqual([fault?.result, /they wait until a mail server is set/.test(fault?.found ?? "")], ["fault", true]);
  });

  async function serve(manners: Manners = {}): Promise<MailServer["url"]> {
    const started = await MailServer.start(manners);
    server = started;
    return (who, options) => started.url(who, options);
  }
});

/** Everything is published as it should be, for a server that the world knows by another address than this machine does. */
function goodDns(): TestDns {
  return new TestDns()
    .publish("localhost", { addresses: ["192.0.2.25"] })
    .publish("bounces.oak.example", {
      txt: ["v=spf1 ip4:192.0.2.25 -all"],
      mx: [{ host: "rekey.oak.example", priority: 10 }],
    })
    .publish("oak.example", { txt: ["v=spf1 ip4:192.0.2.25 -all"] })
    .publish(dkimRecordName(KEY), { txt: [`v=DKIM1; k=rsa; p=${publishedKey(KEY)}`] })
    .publish("_dmarc.oak.example", { txt: ["v=DMARC1; p=reject"] });
}

function examine(
  mail: Pick<MailSetup, "smtpUrl"> & Partial<MailSetup>,
  instances: readonly Instance[] = [OAK],
): Promise<readonly Finding[]> {
  const deps = { ...rekey.deps, dns: goodDns(), mail: { ...SETUP, ...mail } };
  return examineMail(deps, instances);
}

function at(findings: readonly Finding[], check: Check): Finding {
  const found = findings.find((finding) => finding.check === check);
  assert(found, `${check} is among ${findings.map((finding) => finding.check).join(", ")}`);
  return found;
}

function faultsIn(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ result }) => result === "fault");
}
