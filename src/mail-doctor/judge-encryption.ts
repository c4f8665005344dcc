import type { DetailedPeerCertificate, PeerCertificate } from "node:tls";

import { DAY_MS } from "#lib/clock.ts";
import type { Encryption, SmtpConversation } from "#platform/mail/smtp-conversation.ts";
import type { SmtpServer } from "#platform/mail/smtp-server.ts";
import type { Verdict } from "./finding.ts";
import { isThisMachine } from "./relay.ts";

/** Whoever renews by hand needs some working days; whoever renews by a program is late by then. */
const RENEW_DAYS_BEFORE = 14;

/** @returns whether what is sent to the server can be read on the way, and by whom it is received. */
export function judgeEncryption(
  now: Date,
  server: SmtpServer,
  { conversation, offers }: { conversation: SmtpConversation; offers: readonly string[] },
): Verdict {
  const { encryption } = conversation;
  if (!encryption) return readableByAll(server, offers);
  if (encryption.fault !== undefined) return judgeFault(server, encryption, encryption.fault);
  const daysLeft = Math.floor((Date.parse(encryption.certificate.valid_to) - now.getTime()) / DAY_MS);
  const found = `Encrypted with ${encryption.protocol}; the certificate for ${server.host} is valid for ${daysLeft} more days.`;
  if (daysLeft >= RENEW_DAYS_BEFORE) return { result: "ok", found };
  return { result: "warning", found, change: "Renew the certificate of the mail server." };
}

/** On this machine nobody stands between; anywhere else a password would be sent for everybody to read. */
function readableByAll({ host, auth, ignoresStartTls }: SmtpServer, offers: readonly string[]): Verdict {
  if (isThisMachine(host)) return { result: "ok", found: "Not encrypted, and the mail server is on this machine." };
  const why =
    offers.includes("STARTTLS") && ignoresStartTls ? "ignoreTLS in SMTP_URL forbids it" : "it offers no STARTTLS";
  const found = `The conversation with ${host} is not encrypted: ${why}. Reset links ${auth ? "and the password " : ""}can be read on the way.`;
  return {
    result: auth ? "fault" : "warning",
    found,
    change: "Use a port with STARTTLS (587) or smtps:// (465).",
  };
}

/** The transport goes on with a certificate like this only where SMTP_URL tells it to. */
function judgeFault({ host, tls }: SmtpServer, { certificate }: Encryption, code: string): Verdict {
  const { found, change } = describe(host, certificate, code);
  if (tls["rejectUnauthorized"] !== false)
    return { result: "fault", found: `${found} No mail is sent to such a server.`, change };
  return {
    result: "warning",
    found: `${found} SMTP_URL says not to look at it, so anybody on the way could receive the mails.`,
    change: `${change} Then take tls.rejectUnauthorized out of SMTP_URL.`,
  };
}

/** By OpenSSL's and Node's codes (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
function describe(host: string, certificate: PeerCertificate, code: string): { found: string; change: string } {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return {
        found: `The certificate of ${host} expired on ${certificate.valid_to}.`,
        change: "Renew the certificate of the mail server.",
      };
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        found: `The certificate is not for ${host} but for ${namesIn(certificate)}.`,
        change: "Use in SMTP_URL the name that the certificate is for.",
      };
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return {
        found: `The certificate of ${host} is signed by nobody whom this machine trusts.`,
        change:
          "Use a certificate of a public authority, or name your own authority's file in NODE_EXTRA_CA_CERTS and start again.",
      };
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return {
        found: `The mail server shows the certificate of ${host} without those between it and the authority.`,
        change: "Give the mail server the whole chain of certificates.",
      };
    default:
      return { found: `The certificate of ${host} is not valid (${code}).`, change: "Renew the certificate." };
  }
}

function namesIn({ subjectaltname, subject }: PeerCertificate | DetailedPeerCertificate): string {
  return subjectaltname?.replaceAll("DNS:", "").replaceAll("IP Address:", "") ?? String(subject.CN);
}
