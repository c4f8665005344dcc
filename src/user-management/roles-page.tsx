import type { JSX } from "hono/jsx/jsx-runtime";

import { type Frame, Page } from "#ui/layout.tsx";
import { Icon } from "#ui/icon.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { Section } from "#ui/section.tsx";
import { type Permission, PERMISSION_NAMES, PERMISSIONS, ROLE_NAMES, ROLES } from "#users/roles.ts";

/** Who may do what: the one table that the server asks, too. */
export function RolesPage({ frame }: { readonly frame: Frame }): JSX.Element {
  const columns: readonly Column<Permission>[] = [
    { key: "permission", label: "May …", place: "title", wrap: true, cell: (permission) => PERMISSIONS[permission] },
    ...ROLE_NAMES.map((role) => ({
      key: role,
      label: ROLES[role].label,
      cell: (permission: Permission) => <Mark isGranted={ROLES[role].permissions.has(permission)} />,
    })),
  ];
  const address = "/settings/roles";
  const crumbs = [
    { label: "Settings", href: "/settings" },
    { label: "CRM Settings", href: "/settings" },
    { label: "Roles", href: address },
  ];
  return (
    <Page frame={frame} title="Roles" breadcrumb={crumbs}>
      <div class="stack">
        <p>
          Nobody acts on a higher role than their own, grants one, or does to themselves what an administrator does to
          others. The last Owner stays. A Member has their own account; No Access cannot sign in.
        </p>
        <Section title="What each role may" flush>
          <Table caption="What each role may" columns={columns} rows={PERMISSION_NAMES} />
        </Section>
      </div>
    </Page>
  );
}

function Mark({ isGranted }: { readonly isGranted: boolean }): JSX.Element {
  return isGranted ? (
    <span class="granted">
      <Icon name="check" />
      <span class="visually-hidden">yes</span>
    </span>
  ) : (
    <span class="quiet">
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">no</span>
    </span>
  );
}
