import type { JSX } from "hono/jsx/jsx-runtime";

import { NewPasswordFields } from "#credentials/new-password-fields.tsx";
import { readOut } from "#credentials/temporary-password.ts";
import type { FieldFault } from "#lib/errors.ts";
import type { TemporaryPasswordSet } from "#recovery/set-temporary-password.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { RadioField } from "#ui/choice-field.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import { answeredInDialog } from "#ui/dialog.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { ExactTime } from "#ui/time.tsx";
import type { User } from "#users/user.ts";
import { type ActedFrom, ActedFromFields } from "./acted-from.tsx";
import { VerificationFields } from "./verification-fields.tsx";

/** What was filled in, shown again beside its faults; never a password. */
export interface ChangePasswordValues {
  readonly mode: "generated" | "typed";
  readonly verification_method: string;
  readonly verification_note: string;
}

interface ChangePasswordFormProps {
  readonly user: User;
  readonly from: ActedFrom;
  readonly allowsTyped: boolean;
  readonly values: ChangePasswordValues;
  readonly faults: readonly FieldFault[];
}

const MODES = [
  {
    value: "generated",
    label: "Generate",
    hint: "A password that is easily read over the telephone; shown once, after saving.",
  },
  {
    value: "typed",
    label: "Type one",
    hint: "It must be one that nobody guesses; the same rules as for every password.",
  },
];

/** Asks which temporary password the user gets, and how the administrator made sure of who is asking. */
export function ChangePasswordForm({ user, from, allowsTyped, values, faults }: ChangePasswordFormProps): JSX.Element {
  const action = `/settings/users/${user.id}/change-password`;
  return (
    <form method="post" action={action} class="form change-password" {...answeredInDialog(action)}>
      <FormFaults faults={faults} />
      <ActedFromFields from={from} />
      <p>
        {user.firstName} signs in with it at once and then has to choose another one. What {user.firstName} used until
        now stops working, and all sessions end.
      </p>
      {allowsTyped ? (
        <PasswordChoice mode={values.mode} faults={faults} advice={`${action}/advice`} />
      ) : (
        <input type="hidden" name="mode" value="generated" />
      )}
      <VerificationFields user={user} values={values} faults={faults} />
      <div class="form-actions">
        <Button kind="primary">Save</Button>
        <ButtonLink href={from.returnTo} closesDialog>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}

interface PasswordChoiceProps {
  readonly mode: string;
  readonly faults: readonly FieldFault[];
  readonly advice: string;
}

/** The fields for typing one show up when typing is chosen. */
function PasswordChoice({ mode, faults, advice }: PasswordChoiceProps): JSX.Element {
  return (
    <>
      <RadioField name="mode" label="Temporary password" choices={MODES} value={mode} />
      <div class="form typed-password">
        <NewPasswordFields faults={faults} advice={advice} required={false} />
      </div>
    </>
  );
}

interface PasswordChangedProps {
  readonly set: TemporaryPasswordSet;
  readonly instance: { readonly name: string; readonly origin: string };
  readonly timeZone: string;
  /** Where Done leads without the script; the profile, if left out. */
  readonly returnTo?: string;
}

/** Shows a generated password this once, ready to be copied, read out or printed. */
export function PasswordChanged({ set, instance, timeZone, returnTo }: PasswordChangedProps): JSX.Element {
  const { user, password, expiresAt } = set;
  const until = <ExactTime at={expiresAt} timeZone={timeZone} />;
  return (
    <div class="form" data-focus>
      <Callout kind="success" title="Verified: this password signs in">
        <p>
          {user.firstName} has to choose another one after signing in. It works until {until}.
        </p>
      </Callout>
      {password === undefined ? (
        <p>Hand over the password that you typed. It is kept nowhere in a form that can be read.</p>
      ) : (
        <>
          <CopyField id="temporary-password" label={`Temporary password of ${user.name}`} value={password} />
          <ReadOut password={password} />
          <p class="quiet">It is shown only this once. Case, hyphens and spaces do not matter when it is typed.</p>
          <Slip {...{ set, instance, timeZone }} />
        </>
      )}
      <div class="form-actions">
        {password !== undefined && (
          <Button icon="printer" prints>
            Print a slip
          </Button>
        )}
        <ButtonLink kind="primary" href={returnTo ?? `/settings/users/${user.id}`} closesDialog>
          Done
        </ButtonLink>
      </div>
    </div>
  );
}

function ReadOut({ password }: { readonly password: string }): JSX.Element {
  return (
    <div class="read-out">
      <p class="field-label" id="read-out-label">
        Over the telephone
      </p>
      <ol class="read-out-groups" aria-labelledby="read-out-label">
        {readOut(password).map((group) => (
          <li>{group}</li>
        ))}
      </ol>
    </div>
  );
}

/** The only thing that is printed of the page. */
function Slip({ set, instance, timeZone }: PasswordChangedProps): JSX.Element {
  return (
    <section class="slip" aria-hidden="true">
      <h2>{instance.name}</h2>
      <p>For {set.user.name}. Keep it to yourself and destroy it after signing in.</p>
      <dl>
        <dt>Sign in at</dt>
        <dd>{instance.origin}/sign-in</dd>
        <dt>User name</dt>
        <dd>{set.user.username}</dd>
        <dt>Temporary password</dt>
        <dd class="slip-password">{set.password}</dd>
        <dt>Works until</dt>
        <dd>
          <ExactTime at={set.expiresAt} timeZone={timeZone} />
        </dd>
      </dl>
      <p>After signing in you choose a password of your own.</p>
    </section>
  );
}
