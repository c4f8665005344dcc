import type { Config } from "./config.ts";
import { auditMails } from "#audit-seals/mail-audit-head.tsx";
import { type Clock, systemClock } from "#lib/clock.ts";
import { type Delivery, openDelivery } from "#mail-delivery/deliver-emails.ts";
import { returnPathOf } from "#mail-delivery/return-path.ts";
import { openKeyring } from "#platform/crypto/keyring.ts";
import { secretOfDirectory } from "#platform/crypto/secret-file.ts";
import { lockDirectory } from "#platform/database/directory-lock.ts";
import { databaseDirOf, openDatabase } from "#platform/database/open-database.ts";
import type { Deps } from "#platform/deps.ts";
import { type Dns, systemDns } from "#platform/dns.ts";
import { jsonLog, type Log } from "#platform/log.ts";
import { keptTransport } from "#platform/mail/kept-transport.ts";
import type { MailSetup } from "#platform/mail/mail-setup.ts";
import { openPasswordList } from "#platform/password-list.ts";
import type { MailTransport } from "#platform/mail/mail-transport.ts";
import { smtpTransport } from "#platform/mail/smtp-transport.ts";
import { recoveryMails } from "#recovery/mails.tsx";
import { settingsMails } from "#settings/send-test-mail.tsx";
import { signInMails } from "#sign-in/mails.tsx";
import { instanceMails } from "#instance-requests/mails.tsx";
import { ticketMails } from "#tickets/mails.tsx";
import { userMails } from "#user-management/mails.tsx";

/** The only things that a test may put in place of the real ones. */
export interface Replacements {
  readonly clock?: Clock;
  readonly transport?: MailTransport;
  readonly dns?: Dns;
  readonly log?: Log;
}

/** What server and command line both stand on. */
export interface Foundation {
  readonly deps: Deps;
  readonly delivery: Delivery;
  /** Has the worker look at once, when there is one. */
  onWake(wake: () => void): void;
  /** What would otherwise never end, ends. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens what the configuration names: the data directory with its lock, the database brought up to date, the keys, the mails.
 * @throws OperatorError with a sentence for whoever starts the program
 */
export async function layFoundation(config: Config, replacements: Replacements = {}): Promise<Foundation> {
  const log = replacements.log ?? jsonLog(config.logLevel, (line) => process.stderr.write(line));
  const unlock = config.databaseUrl ? () => {} : lockDirectory(config.dataDir);
  try {
    const keyring = openKeyring(config.secrets ?? [secretOfDirectory(config.dataDir, databaseDirOf(config.dataDir))]);
    const db = await openDatabase({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, keyring, log });
    let wake = (): void => {};
    const stopping = new AbortController();
    const { clock = systemClock, dns = systemDns() } = replacements;
    const bounceDomain = config.bounces?.domain;
    const mail = { smtpUrl: config.smtpUrl, dkim: config.dkim, bounceDomain, defaultSender: config.mailFrom };
    const passwordList =
      config.passwordListFile === undefined ? undefined : await openPasswordList(config.passwordListFile);
    const deps: Deps = {
      db,
      clock,
      keyring,
      log,
      dns,
      mail,
      passwordList,
      stopping: stopping.signal,
      wakeWorker: () => wake(),
    };
    const transport = replacements.transport ?? transportOf(mail);
    return {
      deps,
      delivery: openDelivery({
        transport,
        kinds: {
          ...recoveryMails(keyring),
          ...ticketMails(keyring),
          ...signInMails(keyring),
          ...instanceMails,
          ...userMails(keyring),
          ...settingsMails,
          ...auditMails,
        },
        limits: config.mailLimits,
        returnPathOf: bounceDomain === undefined ? undefined : (email) => returnPathOf(keyring, bounceDomain, email),
      }),
      onWake: (given) => {
        wake = given;
      },
      stop: () => stopping.abort(),
      close: async () => {
        stopping.abort();
        transport.close();
        await passwordList?.close();
        await db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function transportOf({ smtpUrl, dkim }: MailSetup): MailTransport {
  return smtpUrl ? smtpTransport(smtpUrl, { dkim }) : keptTransport;
}
