import type { JSX } from "hono/jsx/jsx-runtime";

import { Address } from "#ui/address.tsx";
import { ButtonLink, RefusedButtons } from "#ui/button.tsx";
import { isLive, type Recovery } from "#recovery/recovery.ts";
import { Chip } from "#ui/chip.tsx";
import { DetailsList } from "#ui/details-list.tsx";
import { Initials } from "#ui/initials.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { ActionList, Menu, MenuButton } from "#ui/menu.tsx";
import { Panel } from "#ui/panel.tsx";
import { Section } from "#ui/section.tsx";
import { ExactTime, RelativeTime } from "#ui/time.tsx";
import { ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import { AccessChip } from "./access-chip.tsx";
import type { Diagnosis } from "./diagnose.ts";
import { CauseInBrief, DiagnosisBlock } from "./diagnosis-block.tsx";
import type { UserDetails } from "./get-user-details.ts";
import { MailHelp, type MailMarks } from "./mail-help.tsx";
import { RecoveryTimeline } from "./recovery-timeline.tsx";
import { SignInBlock } from "./sign-in-block.tsx";
import { UserActions } from "./user-actions.tsx";
import { USERS_CRUMBS } from "./users-page.tsx";
import { WaitingApprovals } from "./waiting-approvals.tsx";

type ShownRecovery = UserDetails["recoveries"][number];

interface ProfileProps {
  readonly details: UserDetails;
  readonly timeZone: string;
  readonly now: Date;
}

/** What else says how somebody gets in. */
interface AccessProps extends ProfileProps {
  readonly marks: MailMarks;
}

/** What profile and information panel show. */
type Shown = Omit<AccessProps, "now"> & { readonly diagnosis: Diagnosis };

/** A user's profile; More, at the right, holds what can be done. */
export function ProfilePage({ frame, ...shown }: Shown & { readonly frame: Frame }): JSX.Element {
  const { details, diagnosis, timeZone } = shown;
  const { user } = details;
  const address = `/settings/users/${user.id}`;
  return (
    <Page
      frame={frame}
      title={user.name}
      breadcrumb={[...USERS_CRUMBS, { label: user.name, href: address }]}
      lead={<Initials name={user.name} large />}
      note={user.email}
      action={<ProfileActions {...details} />}
    >
      <div class="columns">
        <LiveRegion id="access" source={address}>
          <div class="stack">
            <DiagnosisBlock
              diagnosis={diagnosis}
              timeZone={timeZone}
              now={frame.now}
              from={{ returnTo: address, ticketId: details.ticket?.id }}
            />
            <Section title="Access & Recovery">
              <AccessBlock {...shown} now={frame.now} />
            </Section>
            <SignInBlock {...details} timeZone={timeZone} now={frame.now} />
          </div>
        </LiveRegion>
        <div class="stack">
          <Section title="User Login & Role">
            <LoginDetails details={details} timeZone={timeZone} now={frame.now} />
          </Section>
          <MoreInformation {...details} timeZone={timeZone} />
        </div>
      </div>
    </Page>
  );
}

function ProfileActions(details: UserDetails): JSX.Element {
  const { user, actions, ticket } = details;
  const address = `/settings/users/${user.id}`;
  return (
    <>
      {actions.edit.reason === null ? (
        <ButtonLink href={`${address}/edit`}>Edit</ButtonLink>
      ) : (
        <RefusedButtons id="edit" reason={actions.edit.reason} buttons={[{ label: "Edit" }]} />
      )}
      <MenuButton menu="more">More</MenuButton>
      <Menu id="more" label={`Actions for ${user.name}`}>
        <UserActions {...details} place="menu" from={{ returnTo: address, ticketId: ticket?.id }} />
      </Menu>
    </>
  );
}

function MoreInformation({ user, superior, timeZone }: UserDetails & { readonly timeZone: string }): JSX.Element {
  return (
    <Section title="More Information">
      <DetailsList
        items={[
          { label: "Title", value: user.title },
          { label: "Department", value: user.department },
          { label: "Office Phone", value: user.phone },
          { label: "Mobile", value: user.mobile },
          { label: "Reports To", value: nameLink(superior) },
          { label: "Time Zone", value: user.timeZone ?? timeZone },
          { label: "Language", value: user.locale },
        ]}
      />
    </Section>
  );
}

/** What the information icon opens beside the list. */
export function UserPanel({ now, ...shown }: Shown & { readonly now: Date }): JSX.Element {
  const { details, diagnosis, timeZone } = shown;
  const { user } = details;
  const address = `/settings/users/${user.id}`;
  return (
    <Panel title={user.name} lead={<Initials name={user.name} />} note={user.email}>
      <LiveRegion id="panel-access" source={`${address}/panel`}>
        <div class="stack">
          <ActionList label={`Actions for ${user.name}`}>
            <UserActions
              {...details}
              place="list"
              from={{ returnTo: "/settings/users", ticketId: details.ticket?.id }}
            />
          </ActionList>
          <LoginDetails details={details} timeZone={timeZone} now={now} compact />
          <CauseInBrief diagnosis={diagnosis} timeZone={timeZone} now={now} />
          <AccessBlock {...shown} now={now} />
        </div>
      </LiveRegion>
      <p>
        <a href={address}>Open the profile</a>
      </p>
    </Panel>
  );
}

/** The name as a link to the profile; nothing where there is nobody. */
function nameLink(user: User | undefined): JSX.Element | undefined {
  return user && <a href={`/settings/users/${user.id}`}>{user.name}</a>;
}

function LoginDetails({
  details: { user, superior },
  timeZone,
  now,
  compact,
}: ProfileProps & { compact?: boolean }): JSX.Element {
  const lastSignIn = user.lastSignInAt ? (
    <RelativeTime at={user.lastSignInAt} now={now} timeZone={timeZone} />
  ) : (
    "Never"
  );
  return (
    <DetailsList
      compact={compact}
      items={[
        { label: "User Name", value: user.username },
        { label: "First Name", value: user.firstName },
        { label: "Last Name", value: user.lastName },
        { label: "Email", value: <Address address={user.email} /> },
        { label: "Role", value: ROLES[user.role].label },
        {
          label: "Status",
          value:
            user.status === "active" ? (
              "Active"
            ) : (
              <Chip kind="neutral" icon="ban">
                Inactive
              </Chip>
            ),
        },
        ...(compact ? [{ label: "Reports To", value: nameLink(superior) }] : []),
        { label: "Last sign-in", value: lastSignIn },
        { label: "Created", value: <ExactTime at={user.createdAt} timeZone={timeZone} /> },
      ]}
    />
  );
}

/** The newest recovery and whatever else still lets the person in, each with its timeline; the others folded away. */
function AccessBlock({ details, timeZone, marks, now }: AccessProps): JSX.Element {
  const { user, access, actions, recoveries, ticket } = details;
  // Where no mail is sent any more, a link can still be taken back.
  const mayRevoke = ({ method }: Recovery): boolean =>
    method === "reset_link"
      ? actions.send_reset_link.allowed || actions.correct_and_send.allowed
      : actions.change_password.allowed;
  const isOnTop = ({ recovery }: ShownRecovery): boolean =>
    recovery === recoveries[0]?.recovery || isLive(recovery, now);
  const timelineOf = (each: ShownRecovery): JSX.Element => (
    <RecoveryTimeline {...each} timeZone={timeZone} now={now} mayRevoke={mayRevoke(each.recovery)} />
  );
  const older = recoveries.filter((each) => !isOnTop(each));
  return (
    <div class="stack">
      <AccessChip user={user} access={access} now={now} timeZone={timeZone} />
      <WaitingApprovals waiting={details.waitingApprovals} now={now} timeZone={timeZone} />
      {ticket && (
        <p>
          Asked for help in{" "}
          <a href={`/tickets/${ticket.number}`}>
            #{ticket.number} {ticket.subject}
          </a>
          . What you do here is kept there.
        </p>
      )}
      {recoveries.length === 0 && <p class="quiet">No recovery yet. A reset link or its mail shows up here.</p>}
      {recoveries.filter(isOnTop).map(timelineOf)}
      <MailHelp {...details} marks={marks} now={now} />
      {older.length > 0 && (
        <details>
          <summary>{older.length === 1 ? "1 earlier recovery" : `${older.length} earlier recoveries`}</summary>
          <div class="stack">{older.map(timelineOf)}</div>
        </details>
      )}
    </div>
  );
}
