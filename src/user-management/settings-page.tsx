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
        <li>
          <a
            class="settings-item"
            href="/settings/users"
            aria-labelledby="manage-users"
            aria-describedby="manage-users-description"
          >
            <Icon name="users" size={20} />
            <span class="settings-words">
              <strong id="manage-users">Manage Users</strong>
              <span id="manage-users-description">
                Everybody with an account here: let people back in, see whether they are.
              </span>
            </span>
          </a>
        </li>
      </ul>
    </Page>
  );
}
