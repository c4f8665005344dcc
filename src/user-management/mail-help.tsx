import type { JSX } from "hono/jsx/jsx-runtime";

import type { Instance } from "#instances/instance.ts";
import { suppressionWords } from "#mail-delivery/suppressed-address.ts";
import { resetLinkSubject } from "#recovery/mails.tsx";
import { stateOf } from "#recovery/recovery.ts";
import { ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import type { UserDetails } from "./get-user-details.ts";

/** By what a mail of the instance is found in a mailbox. */
export interface MailMarks {
  readonly instance: Instance;
  /** The address that it comes from. */
  readonly sender: string;
}

interface MailHelpProps extends Pick<UserDetails, "user" | "access" | "actions" | "recoveries"> {
  readonly marks: MailMarks;
  readonly now: Date;
}

/** What to do about a mail that did not reach the person or would not, or that they do not find. */
export function MailHelp(props: MailHelpProps): JSX.Element | null {
  const { user, access, recoveries, marks, now } = props;
  const link = recoveries.find(({ recovery }) => recovery.method === "reset_link");
  const state = link && stateOf(link.recovery, now);
  const isUnreached = state === "failed" || state === "bounced";
  if (isUnreached || access.suppressed) return <CorrectAddress {...props} isUnreached={isUnreached} />;
  const isAccepted = state === "sent" && link?.recovery.lastMail?.state === "accepted";
  const isOpened = link?.timeline.some(({ event, detail }) => event === "opened" && detail.automatic !== true);
  if (!link || !isAccepted || isOpened) return null;
  return <LookInSpam sender={marks.sender} subject={resetLinkSubject(marks.instance, user, link.recovery)} />;
}

interface CorrectAddressProps extends Pick<MailHelpProps, "user" | "access" | "actions"> {
  /** Whether it is a link of theirs that did not arrive. */
  readonly isUnreached: boolean;
}

function CorrectAddress({ user, access, actions, isUnreached }: CorrectAddressProps): JSX.Element {
  const { allowed, reason } = actions.correct_and_send;
  const title = isUnreached ? `The mail did not reach ${user.email}` : `No mail is sent to ${user.email}`;
  return (
    <Callout kind="failure" title={title}>
      {access.suppressed && <p>{suppressionWords(access.suppressed)}</p>}
      <p>Is the address spelled correctly? Ask the person for it, letter by letter.</p>
      {allowed ? (
        <ButtonLink href={`/settings/users/${user.id}/correct-and-send`} opensDialogAs="correct-address">
          Correct address and send
        </ButtonLink>
      ) : (
        <p>To correct it: {reason}</p>
      )}
    </Callout>
  );
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
