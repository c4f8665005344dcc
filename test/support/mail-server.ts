import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { SMTPServer, type SMTPServerOptions } from "smtp-server";

import { EXPIRED_CERTIFICATE, LOCAL_CERTIFICATE, type TestCertificate } from "./certificates.ts";

/** How a mail server of a test behaves; left out, it offers STARTTLS with a good certificate and asks for no sign-in. */
export interface Manners {
  readonly certificate?: "good" | "expired" | "none";
  /** Encrypted from the first byte. */
  readonly isSecure?: boolean;
  /** Knows of no sign-in at all. */
  readonly offersNoSignIn?: boolean;
  readonly user?: { readonly name: string; readonly password: string };
  /** @returns a code and words to refuse the command with, or undefined. */
  readonly refuse?: (verb: "MAIL" | "RCPT", address: string) => { code: number; words: string } | undefined;
}

/** Another implementation of a mail server, with TLS and sign-in, which the sink has not. */
export class MailServer {
  readonly #server: SMTPServer;
  readonly #isSecure: boolean;
  /** Every MAIL and RCPT that it took or refused, and every mail, by its verb. */
  readonly heard: string[] = [];

  private constructor(manners: Manners) {
    this.#isSecure = manners.isSecure ?? false;
    this.#server = new SMTPServer({
      ...optionsOf(manners),
      onMailFrom: ({ address }, _session, done) => done(this.#judge(manners, "MAIL", address)),
      onRcptTo: ({ address }, _session, done) => done(this.#judge(manners, "RCPT", address)),
      onData: (stream, _session, done) => {
        this.heard.push("DATA");
        stream.resume().on("end", () => done());
      },
    });
    this.#server.on("error", () => {}); // A client that goes away must not end the test process.
  }

  static async start(manners: Manners = {}): Promise<MailServer> {
    const server = new MailServer(manners);
    await once(server.#server.listen(0, "127.0.0.1"), "listening");
    return server;
  }

  /**
   * @param who user and password for SMTP_URL, with a colon between them.
   * @param options of the address; trust in the certificate of the tests, unless they say something else.
   */
  url(who = "", options = trusting("good")): string {
    const { port } = this.#server.server.address() as AddressInfo;
    return `smtp${this.#isSecure ? "s" : ""}://${who && `${who}@`}localhost:${port}${options}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #judge({ refuse }: Manners, verb: "MAIL" | "RCPT", address: string): Error | null {
    this.heard.push(`${verb} ${address}`);
    const refusal = refuse?.(verb, address);
    return refusal ? Object.assign(new Error(refusal.words), { responseCode: refusal.code }) : null;
  }
}

/** @returns the options of an address whose reader trusts a certificate of the tests as if an authority had signed it. */
export function trusting(which: "good" | "expired"): string {
  return `?tls.ca=${encodeURIComponent(CERTIFICATES[which].cert)}`;
}

const CERTIFICATES: Readonly<Record<"good" | "expired", TestCertificate>> = {
  good: LOCAL_CERTIFICATE,
  expired: EXPIRED_CERTIFICATE,
};

function optionsOf({ certificate = "good", isSecure = false, user, offersNoSignIn }: Manners): SMTPServerOptions {
  return {
    ...(offersNoSignIn && { disabledCommands: ["AUTH"] }),
    secure: isSecure,
    authOptional: !user,
    disableReverseLookup: true,
    ...(certificate === "none" ? { hideSTARTTLS: true, allowInsecureAuth: true } : CERTIFICATES[certificate]),
    onAuth: ({ username, password }, _session, done) =>
      user && username === user.name && password === user.password
        ? done(null, { user: user.name })
        : done(Object.assign(new Error(`Invalid password ${password}`), { responseCode: 535 })),
  };
}
