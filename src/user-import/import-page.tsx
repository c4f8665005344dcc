import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault, RekeyError } from "#lib/errors.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { CheckField } from "#ui/choice-field.tsx";
import { FileField } from "#ui/file-field.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { Table } from "#ui/table.tsx";
import { USERS_CRUMBS } from "#user-management/users-page.tsx";
import { PERSON_COLUMNS, type PersonColumn } from "./person-columns.ts";
import { LARGEST_FILE_BYTES } from "./read-csv.ts";
import { MOST_PEOPLE } from "./read-people.ts";

interface ImportPageProps {
  readonly frame: Frame;
  /** Why the last file was not taken. */
  readonly refusal: RekeyError | undefined;
  readonly invite: boolean;
}

/** Where a file is posted to; the only page that takes more than a form. */
export const IMPORT_PATH = "/settings/users/import";
const LIMITS = `CSV in UTF-8, at most ${LARGEST_FILE_BYTES / 1024 / 1024} MB and ${MOST_PEOPLE.toLocaleString("en")} people.`;

/** Asks for a file of people, says how it has to look, and what was wrong with the last one. */
export function ImportPage({ frame, refusal, invite }: ImportPageProps): JSX.Element {
  return (
    <Page frame={frame} title="Import Users" breadcrumb={[...USERS_CRUMBS, { label: "Import", href: IMPORT_PATH }]}>
      <div class="stack">
        {refusal && <Refusal refusal={refusal} />}
        <div class="columns">
          <Section title="Choose a file">
            <form method="post" action={IMPORT_PATH} enctype="multipart/form-data" class="form">
              <CheckField
                name="invite"
                label="Send invitations"
                hint="To everybody who brings no password hash: a mail with a link to set a password."
                checked={invite}
              />
              <FileField name="file" label="File" hint={LIMITS} accept=".csv,text/csv" required />
              <div class="form-actions">
                <Button kind="primary">Import</Button>
                <ButtonLink href="/settings/users">Cancel</ButtonLink>
              </div>
            </form>
          </Section>
          <Section title="What happens">
            <ul class="bullets">
              <li>
                The whole file is checked before anything is written: either everybody in it is imported, or nobody.
              </li>
              <li>Two people never share an address. Shared ones, such as a front desk’s, are listed first.</li>
              <li>Who brings a password hash signs in with the password they have; nobody needs a new one.</li>
            </ul>
          </Section>
        </div>
        <Columns />
      </div>
    </Page>
  );
}

function Refusal({ refusal }: { readonly refusal: RekeyError }): JSX.Element {
  const isDuplicate = ({ code }: FieldFault): boolean => code === "email_taken" || code === "username_taken";
  return (
    <>
      <FormFaults faults={[{ field: "file", detail: `${refusal.title} ${refusal.detail}` }]} />
      <Faults title="Duplicates" faults={refusal.fields.filter(isDuplicate)} />
      <Faults title="What to mend" faults={refusal.fields.filter((fault) => !isDuplicate(fault))} />
    </>
  );
}

function Faults({ title, faults }: { readonly title: string; readonly faults: readonly FieldFault[] }) {
  if (faults.length === 0) return null;
  return (
    <Section title={title} flush>
      <Table
        caption={title}
        rows={faults}
        columns={[
          { key: "line", label: "Line", align: "end", cell: ({ line }) => line },
          { key: "column", label: "Column", cell: ({ field }) => field || null },
          { key: "detail", label: "What is wrong, and what to do", wrap: true, cell: ({ detail }) => detail },
        ]}
      />
    </Section>
  );
}

function Columns(): JSX.Element {
  return (
    <Section
      title="Columns"
      flush
      action={
        <ButtonLink icon="download" href={`${IMPORT_PATH}/template.csv`}>
          Download a template
        </ButtonLink>
      }
    >
      <Table
        caption="Columns that are known"
        rows={PERSON_COLUMNS}
        columns={[
          { key: "label", label: "Header", cell: ({ label }) => <strong>{label}</strong> },
          { key: "description", label: "What goes into it", wrap: true, cell: (column) => describe(column) },
          { key: "example", label: "Example", cell: ({ example }) => <code>{example}</code> },
        ]}
      />
    </Section>
  );
}

function describe({ isRequired, description, aliases }: PersonColumn): string {
  const also = aliases.length > 0 ? `Also called ${aliases.join(", ")}.` : "";
  return [isRequired ? "Needed." : "", description, also].filter(Boolean).join(" ");
}
