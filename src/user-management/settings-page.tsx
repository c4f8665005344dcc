import type { JSX } from "hono/jsx/jsx-runtime";

import { type Frame, Page } from "#ui/layout.tsx";
import { Icon, type IconName } from "#ui/icon.tsx";

interface Place {
  readonly icon: IconName;
  readonly label: string;
  readonly href: string;
  readonly description: string;
}

const PLACES: readonly Place[] = [
  {
    icon: "users",
    label: "Manage Users",
    href: "/settings/users",
    description: "Everybody with an account here: let people back in, and see that they are.",
  },
  {
    icon: "shield-check",
    label: "Roles",
    href: "/settings/roles",
    description: "Who may do what, and to whom.",
  },
  {
    icon: "sliders-horizontal",
    label: "Instance",
    href: "/settings/instance",
    description: "Name, colour, time zone, and the sender of its mails.",
  },
  {
    icon: "lock",
    label: "Security",
    href: "/settings/security",
    description: "How long links, invitations and sessions last, and how temporary passwords come to be.",
  },
  {
    icon: "key-round",
    label: "API Keys",
    href: "/settings/api-keys",
    description: "Keys by which programs, such as a help desk, act here.",
  },
  {
    icon: "history",
    label: "Audit",
    href: "/settings/audit",
    description: "Who did what to whom, when, from where, and with what result.",
  },
];

/** CRM Settings: the way to everything that can be set up in this instance. */
export function SettingsPage({ frame }: { readonly frame: Frame }): JSX.Element {
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
        {PLACES.map(({ icon, label, href, description }) => (
          <li class="settings-item">
            <Icon name={icon} size={20} />
            <div>
              <a class="settings-link" href={href}>
                {label}
              </a>
              <p class="settings-description">{description}</p>
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}
