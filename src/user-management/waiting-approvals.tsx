import type { JSX } from "hono/jsx/jsx-runtime";

import { Callout } from "#ui/callout.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { APPROVALS_ADDRESS } from "./approvals-page.tsx";
import { APPROVAL_WORDS } from "./decide-approval.ts";
import type { UserDetails } from "./get-user-details.ts";

/** What was asked for about somebody and waits for a second administrator. */
export function WaitingApprovals(props: {
  readonly waiting: UserDetails["waitingApprovals"];
  readonly now: Date;
  readonly timeZone: string;
}): JSX.Element {
  const { waiting, now, timeZone } = props;
  return (
    <>
      {waiting.map(({ approval, requester }) => (
        <Callout kind="waiting" title="Waits for a second administrator">
          <p>
            {APPROVAL_WORDS[approval.act]}. {requester?.name} asked for it{" "}
            <RelativeTime at={approval.requestedAt} now={now} timeZone={timeZone} />:{" "}
            <a href={APPROVALS_ADDRESS}>Approvals</a>.
          </p>
        </Callout>
      ))}
    </>
  );
}
