/** One mail, written and ready to hand over. */
export interface MailMessage {
  /** Of the instance whose mail it is. */
  readonly origin: string;
  readonly messageId: string;
  /** `Oak Recovery <help@oak.example>` in its parts: a name is text and never becomes an address. */
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  /** Where a server reports what it could not deliver; the sender where left out (RFC 5321, section 4.5.5). */
  readonly returnPath?: string | undefined;
  /** Where an answer goes, if not to the sender. */
  readonly replyTo?: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  /** Waited for when the server is ready for the mail, which goes out whole after that. */
  readonly beforeEnd?: () => Promise<void>;
}

/**
 * What became of handing it over. `accepted` means that the server took responsibility for it (RFC 5321, section 4.2.5),
 * `deferred` that it may be tried again, `refused` that trying again would not help, `unreachable` that nothing can be handed
 * over at the moment, be it this mail or another.
 */
export interface Handover {
  readonly outcome: "accepted" | "deferred" | "refused" | "unreachable";
  /** Host that answered, or that did not. */
  readonly server: string;
  /** The server's own words, one line. */
  readonly answer: string;
}

/** Hands mails over. Never throws for what a mail server says or fails to say. */
export interface MailTransport {
  send(message: MailMessage): Promise<Handover>;
  /** @returns why the server cannot be reached, or undefined when it can. */
  findFault(): Promise<string | undefined>;
  /** Ends what is under way: mails that are not handed over by then are deferred. */
  close(): void;
}
