import type { JSX } from "hono/jsx/jsx-runtime";

import { type Check, CHECKS, type Finding } from "#mail-doctor/finding.ts";
import { Button } from "#ui/button.tsx";
import { Chip, type StateKind } from "#ui/chip.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import { Section } from "#ui/section.tsx";

const ADDRESS = "/settings/mail/examination";

const RESULTS: Readonly<Record<Finding["result"], { kind: StateKind; word: string }>> = {
  ok: { kind: "success", word: "Right" },
  warning: { kind: "waiting", word: "Could be better" },
  fault: { kind: "failure", word: "Wrong" },
  skipped: { kind: "neutral", word: "Not known" },
};

/** Offers to look at mail server and DNS, and shows what came of it. */
export function Examination({ findings }: { readonly findings: readonly Finding[] | undefined }): JSX.Element {
  const subjects = [...new Set(findings?.map(({ subject }) => subject))];
  return (
    <div id="examination">
      <Section title="Would mails be believed?">
        <div class="stack">
          <p>
            Looks at the mail server, and at what DNS says of the sender: connection, encryption, sign-in, SPF, DKIM,
            DMARC and bounces. Nothing is sent. It takes some seconds.
          </p>
          {subjects.map((subject) => (
            <Findings subject={subject} findings={findings?.filter((each) => each.subject === subject) ?? []} />
          ))}
          <form
            method="get"
            action={ADDRESS}
            hx-get={ADDRESS}
            hx-select="#examination"
            hx-target="#examination"
            hx-swap="outerHTML"
            hx-sync="this:drop"
          >
            <Button icon="shield-check">{findings ? "Examine again" : "Examine"}</Button>
          </form>
        </div>
      </Section>
    </div>
  );
}

function Findings({
  subject,
  findings,
}: {
  readonly subject: string;
  readonly findings: readonly Finding[];
}): JSX.Element {
  return (
    <section>
      <h3 class="examination-subject">{subject}</h3>
      <ul class="examination">
        {findings.map((finding) => (
          <li class="examination-finding">
            <span class="examination-check">{CHECKS[finding.check]}</span>
            <div class="examination-words">
              <p>
                <Chip kind={RESULTS[finding.result].kind}>{RESULTS[finding.result].word}</Chip> {finding.found}
              </p>
              {finding.change && <p>{finding.change}</p>}
              {finding.record && <Record check={finding.check} subject={subject} record={finding.record} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Record({
  check,
  subject,
  record: { name, type, value },
}: {
  readonly check: Check;
  readonly subject: string;
  readonly record: NonNullable<Finding["record"]>;
}): JSX.Element {
  const id = `record-${check}-${subject.replaceAll(/[^\w]/g, "-")}`;
  return <CopyField id={id} label={`${type} record of ${name}`} value={value} />;
}
