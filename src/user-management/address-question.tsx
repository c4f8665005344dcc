import type { JSX } from "hono/jsx/jsx-runtime";

import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { Button } from "#ui/button.tsx";
import { type AddressDoubt, findAddressDoubt } from "#users/address-doubt.ts";

/** What settles a doubt about an address, at a click: the address that was meant, or the one that is right as it is. */
export const ADDRESS_CHOICES = ["email_instead", "email_is_right"] as const;
const [INSTEAD, IS_RIGHT] = ADDRESS_CHOICES;

type Answers = Readonly<Record<"email" | (typeof ADDRESS_CHOICES)[number], string>>;

/**
 * @param mayAsk off for who may not save anyway: the use case refuses them, and keeps a record of it.
 * @returns the address that was meant, and the doubt that is to be asked about first, if any.
 */
export async function settleAddress(
  deps: Deps,
  scope: Scope,
  { email, email_instead: meant, email_is_right: right }: Answers,
  mayAsk: boolean,
): Promise<{ email: string; doubt: AddressDoubt | undefined }> {
  if (meant) return { email: meant, doubt: undefined };
  const isSettled = right === email || !mayAsk;
  return { email, doubt: isSettled ? undefined : await findAddressDoubt(deps, scope, email) };
}

interface QuestionProps extends AddressDoubt {
  readonly email: string;
  /** What keeps the address as it is; left out where it is on file and in doubt already. */
  readonly keep?: string | undefined;
}

/** Asks whether the address is right, once: either answer sends the form. Stands in the warning of the field. */
export function AddressQuestion({ reason, suggestion, email, keep }: QuestionProps): JSX.Element {
  return (
    <>
      <p>
        <strong>{suggestion ? `Did you mean ${suggestion}?` : "Is this address right?"}</strong> {reason}
      </p>
      <div class="form-actions">
        {suggestion && (
          <Button name={INSTEAD} value={suggestion}>
            Use {suggestion}
          </Button>
        )}
        {keep && (
          <Button name={IS_RIGHT} value={email}>
            {keep}
          </Button>
        )}
      </div>
    </>
  );
}

/** Says that the address has been asked about by now: unless it is changed it is not asked about again. */
export function AddressAskedAbout({ email }: { readonly email: string }): JSX.Element {
  return <input type="hidden" name={IS_RIGHT} value={email} />;
}
