import type { JSX } from "hono/jsx/jsx-runtime";

import type { CopiedLink } from "#recovery/copy-reset-link.ts";
import { endOf } from "#recovery/recovery.ts";
import { ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { CopyField } from "#ui/copy-field.tsx";
import { ExactTime } from "#ui/time.tsx";

interface LinkCopiedProps {
  readonly copied: CopiedLink;
  readonly timeZone: string;
}

/** Shows a copied link this once, and says what it is. */
export function LinkCopied({ copied, timeZone }: LinkCopiedProps): JSX.Element {
  const { user, recovery, link } = copied;
  return (
    <div class="form" data-focus>
      <Callout kind="waiting" icon="shield-alert" title={`Whoever has this link can set the password of ${user.name}`}>
        <p>
          Hand it to {user.firstName} alone, once you are sure that it is {user.firstName}. It works until{" "}
          <ExactTime at={endOf(recovery)} timeZone={timeZone} />, and once.
        </p>
      </Callout>
      <CopyField id="reset-link" label={`Reset link of ${user.name}`} value={link} />
      <p class="quiet">
        It is not kept here. The record says that you copied it, and the mail about the new password tells{" "}
        {user.firstName}.
      </p>
      <div class="form-actions">
        <ButtonLink kind="primary" href={`/settings/users/${user.id}`} closesDialog>
          Done
        </ButtonLink>
      </div>
    </div>
  );
}
