import { after, before, suite, test } from "node:test";

import { freePort } from "../support/free-port.ts";
import { Visitor } from "../support/journey.ts";
import { type Postfix, startPostfix } from "../support/postfix.ts";
import { emptyEnvironment } from "../support/program.ts";
import {
  BOUNCE_DOMAIN,
  isResetLink,
  startRekey,
  type TestInstance,
  type TestRekey,
  tokenIn,
} from "../support/rekey.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";

const WRONG = "maria@oak.exmaple";
const RIGHT = "maria@oak.example";
const NEW_PASSWORD = "violet harbor thunder kettle";
/** Postfix takes the mail, asks the next server, writes its report and delivers it. */
const REPORTED_WITHIN_MS = 30_000;

suite("Email Not Received: a mail that comes back", () => {
  let sink: SmtpSink;
  let postfix: Postfix;
  let rekey: TestRekey;

  before(async () => {
    sink = await startSmtpSink();
    const bouncePort = await freePort();
    postfix = await startPostfix({
      nextHop: Number(new URL(sink.url).port),
      transports: { [BOUNCE_DOMAIN]: `smtp:[127.0.0.1]:${bouncePort}` },
      warnsAfterSeconds: 60,
      givesUpAfterSeconds: 60,
    });
    const bounces = { BOUNCE_DOMAIN, BOUNCE_LISTEN: `127.0.0.1:${bouncePort}` };
    rekey = await startRekey({ ...(await emptyEnvironment()), SMTP_URL: postfix.url, ...bounces }, sink);
    sink.answer(({ verb, to }) => (verb === "RCPT" && to.at(-1) === WRONG ? "550 5.1.1 No such user here" : undefined));
  });
  after(async () => {
    await rekey.server.close();
    await Promise.all([postfix.stop(), sink.close()]);
  });

  test("S7 S11: accepted, bounced, seen without a reload; address corrected and sent in one step; received, redeemed", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez", email: WRONG });
    const admin = await Visitor.arrive(oak);
    const { page } = admin;
    await admin.signIn(oak.owner);
    await admin.chooseUnderMore(maria, "Send Reset Link");
    await page.getByRole("status").getByText("Reset Password Instruction has been sent successfully!").waitFor();
    await page.getByText("Bounced", { exact: true }).waitFor({ timeout: REPORTED_WITHIN_MS });
    await page.getByText("There is no such mailbox.").first().waitFor();
    await page.getByText("550 5.1.1 No such user here").first().waitFor();

    await page.getByRole("link", { name: "Correct address and send", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Correct address and send" });
    await dialog.getByLabel("Email", { exact: true }).fill(RIGHT);
    await dialog.getByRole("button", { name: "Correct address and send" }).click();
    await page.getByText(`Reset link to ${RIGHT}`).waitFor();
    const mail = await oak.mailTo(RIGHT, isResetLink);
    await page.getByText("Waiting for a new password").waitFor();
    await setPassword(oak, tokenIn(mail));
    await page.getByText("New password set").waitFor();
    await admin.leave();
  });
});

async function setPassword(oak: TestInstance, token: string): Promise<void> {
  const person = await Visitor.arrive(oak);
  await person.open(`/reset-password/${token}`);
  await person.page.getByLabel("New Password").fill(NEW_PASSWORD);
  await person.page.getByLabel("Confirm Password").fill(NEW_PASSWORD);
  await person.page.getByRole("button", { name: "Save password" }).click();
  await person.page.waitForURL(/\/sign-in$/);
  await person.leave();
}
