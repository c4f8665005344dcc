import type { JSX } from "hono/jsx/jsx-runtime";

import { newId } from "#platform/crypto/id.ts";
import type { FieldFault } from "#lib/errors.ts";
import { Button, RefusedButtons } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { CheckField } from "#ui/choice-field.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { ExactTime, RelativeTime } from "#ui/time.tsx";
import { type Permission, PERMISSIONS } from "#users/roles.ts";
import type { ApiKey } from "./api-key.ts";

const ADDRESS = "/settings/api-keys";
const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "API Keys", href: ADDRESS },
];

/** A key with what keeps the acting person from revoking it, if anything. */
export type ShownKey = ApiKey & { readonly whyNotRevoke: string | undefined };

interface ApiKeysPageProps {
  readonly frame: Frame;
  readonly apiKeys: readonly ShownKey[];
  readonly timeZone: string;
  /** What the acting person may do, and so may let a key do. */
  readonly permissions: readonly Permission[];
  readonly filled: { readonly name: string; readonly scopes: readonly string[]; readonly expires_on: string };
  readonly faults: readonly FieldFault[];
  /** Just made; shown this once. */
  readonly made?: { readonly apiKey: ApiKey; readonly key: string } | undefined;
}

/** The keys by which programs act in the instance. */
export function ApiKeysPage(props: ApiKeysPageProps): JSX.Element {
  const { frame, apiKeys, made, timeZone } = props;
  return (
    <Page frame={frame} title="API Keys" breadcrumb={CRUMBS}>
      <div class="stack settings-form">
        {made && (
          <Callout kind="success" title={`The key ${made.apiKey.name} was made`}>
            <p>Copy it now into the program that needs it. It is shown only this once.</p>
            <CopyField id="new-key" label="API key" value={made.key} />
          </Callout>
        )}
        <Section title="Keys that work" flush={apiKeys.length > 0}>
          {apiKeys.length > 0 ? (
            <KeyTable apiKeys={apiKeys} frame={frame} timeZone={timeZone} />
          ) : (
            <EmptyState icon="key-round" title="No key yet">
              A program, such as your help desk, sends “Authorization: Bearer” and a key instead of signing in.
            </EmptyState>
          )}
        </Section>
        <Section title="New key">
          <NewKeyForm {...props} />
        </Section>
      </div>
    </Page>
  );
}

function KeyTable({ apiKeys, frame, timeZone }: Pick<ApiKeysPageProps, "apiKeys" | "frame" | "timeZone">): JSX.Element {
  const { now } = frame;
  const columns: readonly Column<ShownKey>[] = [
    { key: "name", label: "Name", place: "title", cell: ({ name }) => name },
    {
      key: "scopes",
      label: "May",
      wrap: true,
      cell: ({ scopes }) => scopes.map((each) => PERMISSIONS[each]).join(", "),
    },
    {
      key: "last_used",
      label: "Last use",
      cell: ({ lastUsedAt }) => (lastUsedAt ? <RelativeTime at={lastUsedAt} now={now} timeZone={timeZone} /> : "Never"),
    },
    {
      key: "expires",
      label: "Ends",
      cell: ({ expiresAt }) => (expiresAt ? <ExactTime at={expiresAt} timeZone={timeZone} /> : "When revoked"),
    },
    {
      key: "revoke",
      label: "Revoke",
      cell: (apiKey) => <Revoke {...apiKey} />,
    },
  ];
  return <Table caption="API keys" columns={columns} rows={apiKeys} />;
}

function Revoke({ id, name, whyNotRevoke }: ShownKey): JSX.Element {
  if (whyNotRevoke !== undefined)
    return <RefusedButtons id={`revoke-${id}`} reason={whyNotRevoke} buttons={[{ label: "Revoke" }]} />;
  return (
    <form method="post" action={`${ADDRESS}/${id}/revoke`}>
      <Button kind="danger" label={`Revoke ${name}`}>
        Revoke
      </Button>
    </form>
  );
}

function NewKeyForm({ permissions, filled, faults }: ApiKeysPageProps): JSX.Element {
  return (
    <form method="post" action={ADDRESS} class="form">
      <input type="hidden" name="once" value={newId()} />
      <FormFaults faults={faults} />
      <Field
        name="name"
        label="What is it for?"
        hint="Such as “Help desk”; it stands in the record of what the key did."
        value={filled.name}
        fault={faultOf(faults, "name")}
        maxlength={100}
        required
      />
      <fieldset class="field choices" id="scopes">
        <legend class="field-label">What it may do</legend>
        {permissions.map((permission) => (
          <CheckField
            name="scopes"
            id={`scope-${permission}`}
            value={permission}
            label={PERMISSIONS[permission]}
            checked={filled.scopes.includes(permission)}
          />
        ))}
        {faultOf(faults, "scopes") && <p class="field-fault">{faultOf(faults, "scopes")}</p>}
      </fieldset>
      <Field
        name="expires_on"
        label="Ends on"
        type="date"
        hint="Left empty, it works until it is revoked, or until you can no longer do these things yourself."
        value={filled.expires_on}
        fault={faultOf(faults, "expires_on")}
      />
      <div class="form-actions">
        <Button kind="primary">Make Key</Button>
      </div>
    </form>
  );
}
