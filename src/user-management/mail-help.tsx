import type { JSX } from "hono/jsx/jsx-runtime";

import { suppressionWords } from "#mail-delivery/suppressed-address.ts";
import { stateOf } from "#recovery/recovery.ts";
import { ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { UserDetails } from "./get-user-details.ts";

interface MailHelpProps extends Pick<UserDetails, "user" | "access" | "actions" | "recoveries"> {
  readonly now: Date;
}

/** What to do when a mail did not reach the person, or none would. */
export function MailHelp(props: MailHelpProps): JSX.Element | null {
  const { access, recoveries, now } = props;
  const link = recoveries.find(({ recovery }) => recovery.method === "reset_link");
  const state = link && stateOf(link.recovery, now);
  const isUnreached = state === "failed" || state === "bounced";
  return isUnreached || access.suppressed ? <CorrectAddress {...props} isUnreached={isUnreached} /> : null;
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
