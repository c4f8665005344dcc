import type { JSX } from "hono/jsx/jsx-runtime";

import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { Frame } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { Section } from "#ui/section.tsx";
import { RelativeTime } from "#ui/time.tsx";
import type { TestMail } from "./send-test-mail.tsx";

interface SenderTestProps {
  readonly frame: Frame;
  /** The newest test. */
  readonly testMail: TestMail | undefined;
  /** The page that it stands on. */
  readonly page: string;
  /** Where the button leads. */
  readonly action: string;
}

/** Sends a real mail to whoever asks and says what became of it. */
export function SenderTest({ testMail, frame, page, action }: SenderTestProps): JSX.Element {
  return (
    <Section title="Does it arrive?">
      <div class="stack">
        <p>A real mail from the instance’s sender goes to {frame.person.email}. Look whether it arrives, and where.</p>
        <LiveRegion id="test-mail" source={page}>
          {testMail && <Outcome testMail={testMail} now={frame.now} />}
        </LiveRegion>
        <form method="post" action={action} hx-post={action} hx-swap="none" hx-sync="this:drop">
          <Button icon="send">Send me a test</Button>
        </form>
      </div>
    </Section>
  );
}

function Outcome({ testMail, now }: { readonly testMail: TestMail; readonly now: Date }): JSX.Element {
  const { kind, title } = OUTCOMES[testMail.state];
  return (
    <Callout kind={kind} title={title}>
      <p>
        To {testMail.to}, <RelativeTime at={testMail.queuedAt} now={now} />
        {testMail.answer && `. The mail server said: ${testMail.answer}`}
      </p>
    </Callout>
  );
}

const OUTCOMES = {
  queued: { kind: "waiting", title: "The mail server has not taken the test yet" },
  accepted: { kind: "success", title: "The mail server took the test" },
  bounced: { kind: "failure", title: "The mail server took the test, and it came back" },
  failed: { kind: "failure", title: "The mail server refused the test" },
  dropped: { kind: "neutral", title: "The test was not sent" },
} as const;
