import type { JSX } from "hono/jsx/jsx-runtime";

import type { Instance } from "#instances/instance.ts";
import { resetLinkSubject } from "#recovery/mails.tsx";
import { stateOf } from "#recovery/recovery.ts";
import { Callout } from "#ui/callout.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import type { UserDetails } from "./get-user-details.ts";

/** By what a mail of the instance is found in a mailbox. */
export interface MailMarks {
  readonly instance: Instance;
  /** The address that it comes from. */
  readonly sender: string;
}

interface MailHelpProps extends Pick<UserDetails, "user" | "recoveries"> {
  readonly marks: MailMarks;
  readonly now: Date;
}

/** What to look for, while a mail was accepted and nobody has opened the link in it. */
export function MailHelp({ user, recoveries, marks, now }: MailHelpProps): JSX.Element | null {
  const link = recoveries.find(({ recovery }) => recovery.method === "reset_link");
  const isAccepted = link && stateOf(link.recovery, now) === "sent" && link.recovery.lastMail?.state === "accepted";
  const isOpened = link?.timeline.some(({ event, detail }) => event === "opened" && detail.automatic !== true);
  if (!isAccepted || isOpened) return null;
  return <LookInSpam sender={marks.sender} subject={resetLinkSubject(marks.instance, user, link.recovery)} />;
}

/** Sender and subject stand ready to be copied into the answer to a ticket, for whoever has to search their mailbox. */
function LookInSpam({ sender, subject }: { readonly sender: string; readonly subject: string }): JSX.Element {
  return (
    <Callout kind="info" title="Nothing there?">
      <p>
        Ask them to look in spam for a mail from {sender} with the subject “{subject}”.
      </p>
      <div class="form">
        <CopyField id="mail-sender" label="Sender" value={sender} />
        <CopyField id="mail-subject" label="Subject" value={subject} />
      </div>
    </Callout>
  );
}
