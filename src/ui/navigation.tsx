import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "./icon.tsx";
import { InstanceMark } from "./instance-mark.tsx";

/** The parts of the product that the main navigation leads to. */
export type NavigationSection = "dashboard" | "tickets" | "settings" | "account";

const ENTRIES: readonly { section: NavigationSection; label: string; href: string; icon: IconName }[] = [
  { section: "dashboard", label: "Dashboard", href: "/", icon: "house" },
  { section: "tickets", label: "Tickets", href: "/tickets", icon: "ticket" },
];

export interface NavigationProps {
  readonly instance: { readonly name: string };
  readonly section: NavigationSection;
  /** Off for who is shown their own tickets in their account alone. */
  readonly mayWorkOnTickets: boolean;
}

/**
 * The main navigation. It is a popover so that a narrow screen can open it without the script; on wide screens the
 * style sheet shows it always.
 */
export function Navigation({ instance, section, mayWorkOnTickets }: NavigationProps): JSX.Element {
  const entries = ENTRIES.filter((entry) => entry.section !== "tickets" || mayWorkOnTickets);
  return (
    <nav class="navigation" id="navigation" popover="auto" aria-label="Main">
      <a class="navigation-instance" href="/">
        <InstanceMark name={instance.name} />
        <span class="navigation-label">{instance.name}</span>
      </a>
      <ul class="navigation-list">
        {entries.map((entry) => (
          <li>
            <a class="navigation-item" href={entry.href} aria-current={entry.section === section ? "page" : undefined}>
              <Icon name={entry.icon} size={20} />
              <span class="navigation-label">{entry.label}</span>
            </a>
          </li>
        ))}
      </ul>
      <SettingsMenu current={section === "settings"} />
    </nav>
  );
}

/** The gear: opens the configuration menu, in which both ways to the list of users stand. */
function SettingsMenu({ current }: { readonly current: boolean }): JSX.Element {
  return (
    <div class="navigation-foot">
      <button
        type="button"
        class="navigation-item"
        popovertarget="settings-menu"
        aria-current={current ? "true" : undefined}
      >
        <Icon name="settings" size={20} />
        <span class="navigation-label">Settings</span>
      </button>
      <div class="popover settings-menu" id="settings-menu" popover="auto" role="group" aria-label="Settings">
        <ul>
          <li>
            <SettingsLink href="/settings" icon="settings" label="CRM Settings" />
          </li>
          <li>
            <SettingsLink href="/settings/users" icon="user" label="Manage Users" />
          </li>
        </ul>
        <h2 class="menu-heading">User Management</h2>
        <ul>
          <li>
            <SettingsLink href="/settings/users" icon="users" label="Users" />
          </li>
        </ul>
      </div>
    </div>
  );
}

interface SettingsLinkProps {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
}

function SettingsLink({ href, icon, label }: SettingsLinkProps): JSX.Element {
  return (
    <a class="menu-item" href={href}>
      <Icon name={icon} />
      {label}
    </a>
  );
}
