import type { KeyObject } from "node:crypto";
import path from "node:path";

import { messageOf } from "#lib/error-words.ts";
import { ORIGIN_EXPECTED, parseOrigin } from "#lib/origin.ts";
import { findLineFault } from "#lib/fields.ts";
import { OperatorError } from "#lib/operator-error.ts";
import { type MailLimits, USUAL_LIMITS } from "#mail-delivery/mail-limits.ts";
import { SECRET_BYTES } from "#platform/crypto/secret-file.ts";
import { isNetwork } from "#platform/http/source-address.ts";
import { isLogLevel, type LogLevel } from "#platform/log.ts";
import { DKIM_KEY_EXPECTED, type DkimKey, readDkimKeyFile } from "#platform/mail/dkim-key.ts";
import { findOptionFault, isSmtpUrl } from "#platform/mail/smtp-server.ts";
import { examinePasswordList, PASSWORD_LIST_EXPECTED } from "#platform/password-list.ts";
import { LONGEST_NAME } from "#settings/settings.ts";
import { isAddress } from "#users/address.ts";

/** Everything the environment decides, read once and checked. What each variable means stands in the README. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** The first signs; undefined lets the data directory make one. */
  readonly secrets: readonly [Buffer, ...Buffer[]] | undefined;
  /** Origin of the first instance; undefined follows the port on loopback. */
  readonly origin: string | undefined;
  readonly instanceName: string;
  readonly ownerEmail: string;
  readonly ownerPassword: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailLimits: MailLimits;
  readonly mailFrom: string | undefined;
  /** Signs every mail; undefined leaves signing to the mail server. */
  readonly dkim: DkimKey | undefined;
  /** The domain of the addresses to which undelivered mails are reported, and where this process takes the reports, if it does. */
  readonly bounces:
    | { readonly domain: string; readonly listen: { readonly host: string; readonly port: number } | undefined }
    | undefined;
  /** A larger list of refused passwords, examined; searched where it lies. */
  readonly passwordListFile: string | undefined;
  /** With which the metrics are read from elsewhere; undefined leaves them to this machine. */
  readonly metricsToken: string | undefined;
  /** Networks in CIDR notation, or single addresses. */
  readonly trustedProxies: readonly string[];
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @returns the configuration of the environment, with its defaults.
 * @throws OperatorError that names the variable and what it expects.
 */
export function readConfig(env: Environment = process.env): Config {
  const databaseUrl = read(
    env,
    "DATABASE_URL",
    "a PostgreSQL address such as postgres://user@host/database",
    isDatabaseUrl,
  );
  const secrets = readSecrets(env);
  if (databaseUrl && !secrets) throw wrong("REKEY_SECRET", `must be set when DATABASE_URL is: ${SECRETS_EXPECTED}`);
  return {
    port: Number(read(env, "PORT", "a port number from 0 to 65535", isPort) ?? 3000),
    host: read(env, "HOST", "an address or host name to listen on", (value) => !/\s/.test(value)) ?? "127.0.0.1",
    databaseUrl,
    dataDir: path.resolve(env.REKEY_DATA_DIR || "data"),
    secrets,
    origin: readOrigin(env),
    instanceName:
      read(env, "REKEY_INSTANCE_NAME", "a name of at most 80 characters, on one line", isInstanceName) ?? "My CRM",
    ownerEmail: read(env, "REKEY_OWNER_EMAIL", "an address such as owner@example.com", isAddress) ?? "owner@localhost",
    ownerPassword: env.REKEY_OWNER_PASSWORD || undefined,
    ...readMailServer(env),
    mailFrom: read(
      env,
      "MAIL_FROM",
      "a sender such as help@example.com",
      (value) => /\S+@\S+/.test(value) && !/[\r\n]/.test(value),
    ),
    dkim: readDkim(env),
    bounces: readBounces(env),
    passwordListFile: readPasswordListFile(env),
    metricsToken: read(env, "METRICS_TOKEN", METRICS_TOKEN_EXPECTED, isMetricsToken),
    trustedProxies: networksIn(
      read(env, "TRUSTED_PROXIES", "addresses or networks separated by commas, such as 10.0.0.0/8", areNetworks),
    ),
    logLevel: readLogLevel(env),
  };
}

/** @returns the configuration of the demo: it listens where the environment says and takes nothing else from it. */
export function readDemoConfig(dataDir: string, env: Environment = process.env): Config {
  return readConfig({ PORT: env.PORT, HOST: env.HOST, REKEY_DATA_DIR: dataDir, LOG_LEVEL: "error" });
}

const SECRETS_EXPECTED = `at least ${SECRET_BYTES} random bytes in base64, for instance from: openssl rand -base64 32`;

function read(
  env: Environment,
  name: string,
  expected: string,
  isRight: (value: string) => boolean,
): string | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  if (!isRight(value)) throw wrong(name, `expects ${expected}`);
  return value;
}

function readSecrets(env: Environment): readonly [Buffer, ...Buffer[]] | undefined {
  if (!env.REKEY_SECRET) return undefined;
  const [first, ...others] = env.REKEY_SECRET.split(",").map((text) => {
    const secret = Buffer.from(text.trim(), "base64");
    if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text.trim()) || secret.length < SECRET_BYTES)
      throw wrong("REKEY_SECRET", `expects ${SECRETS_EXPECTED}`);
    return secret;
  });
  return first && [first, ...others];
}

function readOrigin(env: Environment): string | undefined {
  if (!env.REKEY_ORIGIN) return undefined;
  const origin = parseOrigin(env.REKEY_ORIGIN);
  if (!origin) throw wrong("REKEY_ORIGIN", `expects ${ORIGIN_EXPECTED}`);
  return origin;
}

/** How many mails may go out in a minute stands among the options of the address; the others are the connection's. */
function readMailServer(env: Environment): Pick<Config, "smtpUrl" | "mailLimits"> {
  const given = read(env, "SMTP_URL", "an address such as smtp://user:password@host:587 or smtps://…", isSmtpUrl);
  if (!given) return { smtpUrl: undefined, mailLimits: USUAL_LIMITS };
  const url = new URL(given);
  const limit = (name: string, usual: number): number => {
    const value = url.searchParams.get(name) ?? String(usual);
    url.searchParams.delete(name);
    if (!/^[1-9]\d{0,8}$/.test(value)) throw wrong("SMTP_URL", `expects a number of mails for its option ${name}`);
    return Number(value);
  };
  const mailLimits = {
    perInstanceAMinute: limit("per_minute", USUAL_LIMITS.perInstanceAMinute),
    perDomainAMinute: limit("per_domain_per_minute", USUAL_LIMITS.perDomainAMinute),
  };
  const fault = findOptionFault(url);
  if (fault) throw wrong("SMTP_URL", fault);
  return { smtpUrl: url.href, mailLimits };
}

const DKIM_EXPECTED = {
  DKIM_DOMAIN: "a domain such as example.com",
  DKIM_SELECTOR: "a name such as rekey, under which the public key is published",
  DKIM_KEY_FILE: DKIM_KEY_EXPECTED,
};

/** All three or none: signed by half, a mail would go out unsigned and nobody would notice. */
function readDkim(env: Environment): DkimKey | undefined {
  const domain = read(env, "DKIM_DOMAIN", DKIM_EXPECTED.DKIM_DOMAIN, isDnsName);
  const selector = read(env, "DKIM_SELECTOR", DKIM_EXPECTED.DKIM_SELECTOR, isDnsName);
  const file = env.DKIM_KEY_FILE || undefined;
  if (domain && selector && file)
    return { domain: domain.toLowerCase(), selector: selector.toLowerCase(), privateKey: readKey(file) };
  const given = Object.keys(DKIM_EXPECTED).find((name) => env[name]);
  if (given === undefined) return undefined;
  const [missing, expected] = Object.entries(DKIM_EXPECTED).find(([name]) => !env[name]) ?? [];
  throw wrong(missing ?? given, `must be set when ${given} is: ${expected}`);
}

function readKey(file: string): KeyObject {
  try {
    return readDkimKeyFile(file);
  } catch (error) {
    throw wrong("DKIM_KEY_FILE", `expects ${DKIM_KEY_EXPECTED} (${messageOf(error)})`);
  }
}

function readPasswordListFile(env: Environment): string | undefined {
  if (!env.PASSWORD_LIST_FILE) return undefined;
  try {
    examinePasswordList(env.PASSWORD_LIST_FILE);
    return env.PASSWORD_LIST_FILE;
  } catch (error) {
    throw wrong("PASSWORD_LIST_FILE", `expects ${PASSWORD_LIST_EXPECTED}; ${messageOf(error)}`);
  }
}

function networksIn(text = ""): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function areNetworks(text: string): boolean {
  const networks = networksIn(text);
  return networks.length > 0 && networks.every(isNetwork);
}

const METRICS_TOKEN_EXPECTED = "letters and digits without spaces, for instance from: openssl rand -base64 32";

/** What a header can carry (RFC 6750, section 2.1). */
function isMetricsToken(value: string): boolean {
  return /^[\w.~+/-]+=*$/.test(value);
}

function readBounces(env: Environment): Config["bounces"] {
  const domain = read(env, "BOUNCE_DOMAIN", "a domain such as bounces.example.com", isDnsName);
  const address = read(env, "BOUNCE_LISTEN", "a host and a port such as 0.0.0.0:25", (value) =>
    isAddressWithPort(value),
  );
  if (address && !domain)
    throw wrong("BOUNCE_DOMAIN", "must be set when BOUNCE_LISTEN is: a domain such as bounces.example.com");
  if (!domain) return undefined;
  const [, host = "", port = ""] = ADDRESS_WITH_PORT.exec(address ?? "") ?? [];
  return { domain, listen: address ? { host, port: Number(port) } : undefined };
}

const ADDRESS_WITH_PORT = /^\[?([^\s\]]+?)\]?:(\d+)$/;

function isAddressWithPort(value: string): boolean {
  return isPort(ADDRESS_WITH_PORT.exec(value)?.[2] ?? "");
}

function readLogLevel(env: Environment): LogLevel {
  const level = env.LOG_LEVEL || "info";
  if (!isLogLevel(level)) throw wrong("LOG_LEVEL", "expects debug, info, warn, error or silent");
  return level;
}

function isPort(value: string): boolean {
  return /^\d+$/.test(value) && Number(value) <= 65_535;
}

/** Letters, digits and hyphens in labels (RFC 6376, section 3.1); a name in another script in its xn-- form. */
function isDnsName(value: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(value);
}

function isDatabaseUrl(value: string): boolean {
  return /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? "");
}

function isInstanceName(value: string): boolean {
  return value.trim() !== "" && findLineFault("name", value, LONGEST_NAME) === undefined;
}

function wrong(name: string, sentence: string): OperatorError {
  return new OperatorError(`${name} ${sentence}.`);
}
