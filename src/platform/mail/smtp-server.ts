import { hostname, networkInterfaces } from "node:os";

import { parseConnectionUrl } from "nodemailer/lib/shared";

/** The mail server that an `SMTP_URL` names, read as the transport reads it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte (`smtps`), rather than by STARTTLS. */
  readonly isSecure: boolean;
  /** Undefined where the server asks for no sign-in. */
  readonly auth: { readonly user: string; readonly password: string } | undefined;
  readonly ignoresStartTls: boolean;
  readonly requiresStartTls: boolean;
  /** For `tls.connect`, such as `ca` or `rejectUnauthorized`. */
  readonly tls: Readonly<Record<string, unknown>>;
  /** What we call ourselves (RFC 5321, section 4.1.1.1). */
  readonly ownName: string;
}

/** @returns what the address says, with nodemailer's defaults. */
export function readSmtpUrl(smtpUrl: string): SmtpServer {
  const options = parseConnectionUrl(smtpUrl);
  const isSecure = options.secure === true;
  return {
    host: options.host ?? "",
    port: options.port ?? (isSecure ? 465 : 587),
    isSecure,
    auth: options.auth && { user: options.auth.user, password: options.auth.pass },
    ignoresStartTls: options["ignoreTLS"] === true && options["requireTLS"] !== true,
    requiresStartTls: options["requireTLS"] === true,
    tls: options.tls ?? {},
    ownName: typeof options["name"] === "string" ? options["name"] : ownName(),
  };
}

/** A name without a dot is none that another machine could know. */
function ownName(): string {
  return hostname().includes(".") ? hostname() : "[127.0.0.1]";
}

/** @returns the addresses that this machine has itself; behind a router they are not those that others see. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
}

const FLAG = { pattern: /^(true|false)$/, expected: "true or false" };
const DURATION = { pattern: /^[1-9]\d{0,8}$/, expected: "a number of milliseconds" };
const TEXT = { pattern: /./, expected: "a value" };

/** What may stand among the options of an `SMTP_URL`, by nodemailer's names. */
const OPTIONS: ReadonlyMap<string, typeof TEXT> = new Map([
  ["name", TEXT],
  ["localAddress", TEXT],
  ["authMethod", TEXT],
  ["ignoreTLS", FLAG],
  ["requireTLS", FLAG],
  ["tls.ca", TEXT],
  ["tls.minVersion", TEXT],
  ["tls.rejectUnauthorized", FLAG],
  ["tls.servername", TEXT],
  ["connectionTimeout", DURATION],
  ["dnsTimeout", DURATION],
  ["greetingTimeout", DURATION],
  ["socketTimeout", DURATION],
]);

/** @returns what is wrong with an option of the address, in words that go on from `SMTP_URL`, or undefined. */
export function findOptionFault({ searchParams }: URL): string | undefined {
  for (const [name, value] of searchParams) {
    const option = OPTIONS.get(name);
    if (!option) return `has no option ${name}: the README names those that it has`;
    if (!option.pattern.test(value)) return `expects ${option.expected} for its option ${name}`;
  }
  return undefined;
}

/** @returns whether the text is the address of a mail server, with a user and a password that can be read. */
export function isSmtpUrl(value: string): boolean {
  const url = URL.parse(value);
  const hasServer = url !== null && /^smtps?:$/.test(url.protocol) && /^[^%]+$/.test(url.hostname) && url.port !== "0";
  return hasServer && isDecodable(url.username) && isDecodable(url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
