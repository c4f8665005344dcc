/** What can be looked at, with what a person calls it. */
export const CHECKS = {
  server_name: "Name",
  server_connection: "Connection",
  server_encryption: "Encryption",
  server_sign_in: "Sign-in",
  sender_accepted: "Sender",
  spf: "SPF",
  dkim: "DKIM",
  dmarc: "DMARC",
  bounces: "Bounces",
} as const;

export type Check = keyof typeof CHECKS;

/** A record to publish in DNS, ready to be copied. */
export interface DnsRecord {
  readonly name: string;
  readonly type: "TXT" | "MX";
  readonly value: string;
}

/** What one check has come to. */
export interface Finding {
  readonly check: Check;
  /** What was looked at: the mail server, or the address of a sender. Never a secret. */
  readonly subject: string;
  /** `skipped` says that nothing could be known, and `found` why; it counts against nobody. */
  readonly result: "ok" | "warning" | "fault" | "skipped";
  /** What is so, in a sentence. */
  readonly found: string;
  /** What to do about it, in a sentence. */
  readonly change?: string;
  /** What to publish for it. */
  readonly record?: DnsRecord;
}

/** What a check says of its subject, which whoever called it adds. */
export type Verdict = Omit<Finding, "check" | "subject">;
