import type { JSX } from "hono/jsx/jsx-runtime";

import { type Frame, Page } from "#ui/layout.tsx";
import { Icon, type IconName } from "#ui/icon.tsx";
import type { Permission } from "#users/roles.ts";

interface Place {
  readonly icon: IconName;
  readonly label: string;
  readonly href: string;
  readonly description: string;
  /** Who has it not is told which role does. */
  readonly needs: Permission;
}

const PLACES: readonly Place[] = [
  {
    icon: "users",
    label: "Manage Users",
    href: "/settings/users",
    needs: "users.read",
    description: "Everybody with an account here: let people back in, and see that they are.",
  },
  {
    icon: "shield-check",
    label: "Roles",
    href: "/settings/roles",
    needs: "users.read",
    description: "Who may do what, and to whom.",
  },
  {
    icon: "user-check",
    label: "Approvals",
    href: "/settings/approvals",
    needs: "users.edit",
    description: "What waits for a second administrator before it is done.",
  },
  {
    icon: "sliders-horizontal",
    label: "Instance",
    href: "/settings/instance",
    needs: "settings.edit",
    description: "Name, colour, time zone, and the sender of its mails.",
  },
  {
    icon: "lock",
    label: "Security",
    href: "/settings/security",
    needs: "settings.edit",
    description:
      "How long links, invitations and sessions last, when an account is locked, and how temporary passwords come to be.",
  },
  {
    icon: "mail",
    label: "Mail",
    href: "/settings/mail",
    needs: "settings.edit",
    description: "Whether mails arrive: what waits, how long it takes, and which addresses came back.",
  },
  {
    icon: "key-round",
    label: "API Keys",
    href: "/settings/api-keys",
    needs: "api_keys.manage",
    description: "Keys by which programs, such as a help desk, act here.",
  },
  {
    icon: "log-in",
    label: "Sign-in history",
    href: "/settings/sign-in-history",
    needs: "audit.read",
    description: "Who signed in, who was refused and why, and who was locked.",
  },
  {
    icon: "history",
    label: "Audit",
    href: "/settings/audit",
    needs: "audit.read",
    description: "Who did what to whom, when, from where, and with what result.",
  },
  {
    icon: "shield-alert",
    label: "End everything",
    href: "/settings/end-everything",
    needs: "settings.edit",
    description: "In an emergency: signs everybody out and makes every link, temporary password and key worthless.",
  },
];

interface SettingsPageProps {
  readonly frame: Frame;
  /** @returns which role is needed, where the acting person has not the permission. */
  readonly whyNot: (permission: Permission) => string | undefined;
}

/** CRM Settings: the way to everything that can be set up in this instance. */
export function SettingsPage({ frame, whyNot }: SettingsPageProps): JSX.Element {
  return (
    <Page
      frame={frame}
      title="CRM Settings"
      breadcrumb={[
        { label: "Settings", href: "/settings" },
        { label: "CRM Settings", href: "/settings" },
      ]}
    >
      <ul class="settings">
        {PLACES.map(({ icon, label, href, description, needs }) => (
          <li class="settings-item">
            <Icon name={icon} size={20} />
            <div>
              {whyNot(needs) === undefined ? (
                <a class="settings-link" href={href}>
                  {label}
                </a>
              ) : (
                <span class="settings-link quiet">{label}</span>
              )}
              <p class="settings-description">
                {description} {whyNot(needs)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}
