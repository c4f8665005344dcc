import type { JSX } from "hono/jsx/jsx-runtime";

import { type Frame, Page } from "#ui/layout.tsx";
import { Icon } from "#ui/icon.tsx";

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
        <li class="settings-item">
          <Icon name="users" size={20} />
          <div>
            <a class="settings-link" href="/settings/users">
              Manage Users
            </a>
            <p class="settings-description">
              Everybody with an account here: let people back in, and see that they are.
            </p>
          </div>
        </li>
      </ul>
    </Page>
  );
}
