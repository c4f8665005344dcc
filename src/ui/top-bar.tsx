import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";
import { Initials } from "./initials.tsx";
import { InstanceMark } from "./instance-mark.tsx";
import { type NotificationView, TrayItem } from "./notification.tsx";
import { SessionLeft, type SessionView } from "./session-left.tsx";

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** Who is signed in, as the top bar shows it. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

export interface TopBarProps {
  readonly instance: { readonly name: string };
  readonly person: Person;
  readonly session: SessionView;
  readonly tray: readonly NotificationView[];
  readonly now: Date;
  /** Whether the person may see who there is. */
  readonly mayFind: boolean;
  readonly breadcrumb: readonly Crumb[];
}

/** Where part of a name leads to a link at once. */
export const PALETTE_ADDRESS = "/palette";

/** Says where one is, and holds the tray and one's own menu. */
export function TopBar({ instance, person, session, tray, now, mayFind, breadcrumb }: TopBarProps): JSX.Element {
  return (
    <header class="top-bar">
      <button type="button" class="icon-button top-bar-menu" popovertarget="navigation" aria-label="Main navigation">
        <Icon name="menu" size={20} />
      </button>
      <a class="top-bar-instance" href="/">
        <InstanceMark name={instance.name} />
        <span>{instance.name}</span>
      </a>
      <Breadcrumb crumbs={breadcrumb} />
      <div class="top-bar-tools">
        <SessionLeft session={session} now={now} />
        {mayFind && <PaletteLink />}
        <Tray notifications={tray} now={now} />
        <Account person={person} />
      </div>
    </header>
  );
}

function PaletteLink(): JSX.Element {
  return (
    <a
      class="button button-plain palette-link"
      id="palette-link"
      href={PALETTE_ADDRESS}
      hx-get={PALETTE_ADDRESS}
      hx-target="#dialog"
      aria-keyshortcuts="Control+K"
      data-palette-open
    >
      <Icon name="search" />
      <span>Who cannot get in?</span>
      <kbd class="palette-key needs-script" aria-hidden="true">
        Ctrl K
      </kbd>
    </a>
  );
}

function Breadcrumb({ crumbs }: { readonly crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb">
      <ol>
        {crumbs.map((crumb, index) => (
          <li>
            <a href={crumb.href} aria-current={index === crumbs.length - 1 ? "page" : undefined}>
              {crumb.label}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Tray({
  notifications,
  now,
}: {
  readonly notifications: readonly NotificationView[];
  readonly now: Date;
}): JSX.Element {
  return (
    <>
      <button type="button" class="icon-button" popovertarget="tray-popover" aria-label="Notifications">
        <Icon name="bell" size={20} />
      </button>
      <div class="popover tray" id="tray-popover" popover="auto" role="group" aria-labelledby="tray-title">
        <h2 class="popover-title" id="tray-title">
          Notifications
        </h2>
        <ol class="tray-list" id="tray">
          {notifications.map((notification) => (
            <TrayItem notification={notification} now={now} />
          ))}
        </ol>
        <p class="tray-empty">Nothing yet. The last 20 notifications stay here.</p>
      </div>
    </>
  );
}

function Account({ person }: { readonly person: Person }): JSX.Element {
  return (
    <>
      <button
        type="button"
        class="account-button"
        popovertarget="account-popover"
        aria-label={`Your account: ${person.name}`}
      >
        <Initials name={person.name} />
      </button>
      <div class="popover account" id="account-popover" popover="auto" role="group" aria-label="Your account">
        <div class="account-person">
          <p class="account-name">{person.name}</p>
          <p class="account-line">{person.email}</p>
          <p class="account-line">{person.role}</p>
        </div>
        <a class="menu-item" href="/account">
          <Icon name="user" />
          Your account
        </a>
        <form method="post" action="/sign-out">
          <button type="submit" class="menu-item">
            <Icon name="log-out" />
            Sign out
          </button>
        </form>
      </div>
    </>
  );
}
