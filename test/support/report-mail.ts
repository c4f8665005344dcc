import nodemailer from "nodemailer";

import { DELIVERY_REPORTS } from "./delivery-reports.ts";
import type { TestInstance, TestRekey, TestUser } from "./rekey.ts";

/** Another mail server reports to a return path. @returns what the receiver answered it. */
export async function reportTo(rekey: TestRekey, to: string, raw: string, from = ""): Promise<string> {
  const server = nodemailer.createTransport({ host: "127.0.0.1", port: rekey.server.bouncePort ?? 0, ignoreTLS: true });
  try {
    const { response } = await server.sendMail({ envelope: { from, to: [to] }, raw: raw.replaceAll("\n", "\r\n") });
    return response;
  } catch (error) {
    return error instanceof Error && "response" in error ? String(error.response) : String(error);
  } finally {
    server.close();
  }
}

/** The newest link that was mailed to the user comes back, as in the sample report of that name. */
export async function bounceLink(rekey: TestRekey, oak: TestInstance, user: TestUser, sample: string): Promise<void> {
  const report = DELIVERY_REPORTS.find(({ name }) => name === sample);
  const mail = oak.linksTo(user).at(-1);
  if (!report || !mail) throw new Error(`Nothing to report: ${sample}`);
  const raw = report.write({ to: user.email, returnPath: mail.from, messageId: mail.message.messageId ?? "" });
  await reportTo(rekey, mail.from, raw);
}
