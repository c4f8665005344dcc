import type { JSX } from "hono/jsx/jsx-runtime";

import type { SignIn } from "#audit-trail/list-sign-ins.ts";
import { SignInHistory } from "#audit-trail/sign-in-history.tsx";
import type { FieldFault } from "#lib/errors.ts";
import type { LiveSession } from "#sessions/list-sessions.ts";
import { STATUS_WORDS } from "#tickets/message-words.ts";
import type { Ticket } from "#tickets/ticket.ts";
import { Address } from "#ui/address.tsx";
import { Button, ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { DetailsList } from "#ui/details-list.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { Initials } from "#ui/initials.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { TimeZoneField } from "#ui/time-zone-field.tsx";
import { browserWords } from "#ui/user-agent.ts";
import { ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";

interface AccountPageProps {
  readonly frame: Frame;
  readonly user: User;
  readonly openCrmUrl: string | null;
  readonly timeZone: string;
  readonly sessions: readonly LiveSession[];
  readonly signIns: readonly SignIn[];
  /** Their own, newest first. */
  readonly tickets: readonly Ticket[];
  /** What was filled in, beside what is wrong with it. */
  readonly values: { readonly time_zone: string; readonly locale: string };
  readonly faults: readonly FieldFault[];
}

/** Everybody's own account: that they are in, who they are here, and where they are signed in. */
export function AccountPage(props: AccountPageProps): JSX.Element {
  const { frame, user, openCrmUrl, timeZone, sessions, signIns, tickets } = props;
  return (
    <Page
      frame={frame}
      title={user.name}
      breadcrumb={[{ label: "Your account", href: "/account" }]}
      lead={<Initials name={user.name} large />}
      note={user.email}
      action={
        openCrmUrl && (
          <ButtonLink kind="primary" icon="external-link" href={openCrmUrl}>
            Open CRM
          </ButtonLink>
        )
      }
    >
      <div class="stack">
        <Callout kind="success" title="You are in">
          Your access to {frame.instance.name} works.
        </Callout>
        <div class="columns">
          <div class="stack">
            <Sessions sessions={sessions} timeZone={timeZone} now={frame.now} />
            <Section title="Your last sign-ins">
              <SignInHistory signIns={signIns} timeZone={timeZone} />
            </Section>
            {tickets.length > 0 && <Tickets tickets={tickets} />}
          </div>
          <div class="stack">
            <Section title="Your account">
              <div class="stack">
                <DetailsList
                  items={[
                    { label: "User Name", value: user.username },
                    { label: "Email", value: <Address address={user.email} /> },
                    { label: "Role", value: ROLES[user.role].label },
                    { label: "Title", value: user.title },
                    { label: "Department", value: user.department },
                  ]}
                />
                <p class="quiet">
                  Something wrong? An administrator can change it, or the operator of {frame.instance.name}.
                </p>
                <ButtonLink icon="key-round" href="/account/password">
                  Change Password
                </ButtonLink>
              </div>
            </Section>
            <Preferences {...props} />
          </div>
        </div>
      </div>
    </Page>
  );
}

/** What they asked for, and whose turn it is. */
function Tickets({ tickets }: Pick<AccountPageProps, "tickets">): JSX.Element {
  return (
    <Section title="Your requests">
      <ul class="plain-list">
        {tickets.map(({ number, subject, status }) => (
          <li class="plain-row">
            <span>
              <span class="quiet">#{number}</span> {subject}
            </span>
            <span class="quiet">{STATUS_WORDS[status]}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Sessions({
  sessions,
  timeZone,
  now,
}: Pick<AccountPageProps, "sessions" | "timeZone"> & { readonly now: Date }): JSX.Element {
  return (
    <Section title="Where you are signed in">
      <div class="stack">
        <ul class="plain-list">
          {sessions.map((session) => (
            <li class="plain-row">
              <span>
                {browserWords(session.userAgent)} <span class="quiet">from {session.sourceAddress}, </span>
                <span class="quiet">
                  <RelativeTime at={session.lastActiveAt} now={now} timeZone={timeZone} />
                </span>
              </span>
              {session.isCurrent ? (
                <span class="quiet">This browser</span>
              ) : (
                <form method="post" action={`/account/sessions/${session.id}/end`}>
                  <Button label={`Sign out ${browserWords(session.userAgent)} from ${session.sourceAddress}`}>
                    Sign out
                  </Button>
                </form>
              )}
            </li>
          ))}
        </ul>
        {sessions.length > 1 && (
          <form method="post" action="/account/sessions/end-others">
            <Button kind="danger">Sign out everywhere else</Button>
          </form>
        )}
      </div>
    </Section>
  );
}

function Preferences({ values, faults }: Pick<AccountPageProps, "values" | "faults">): JSX.Element {
  return (
    <Section title="Language and time zone">
      <form method="post" action="/account" class="form">
        <FormFaults faults={faults} />
        <TimeZoneField name="time_zone" value={values.time_zone} fault={faultOf(faults, "time_zone")} />
        <Field
          name="locale"
          label="Language"
          value={values.locale}
          fault={faultOf(faults, "locale")}
          hint="Such as en, es or pt-BR."
          maxlength={35}
        />
        <div class="form-actions">
          <Button kind="primary">Save</Button>
        </div>
      </form>
    </Section>
  );
}
