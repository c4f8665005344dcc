import type { JSX } from "hono/jsx/jsx-runtime";

import type { Assets } from "#ui/assets.ts";
import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { Field } from "#ui/field.tsx";
import { PublicPage } from "#ui/layout.tsx";

interface PublicFrame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
}

/** For who is at the wrong company's instance, or does not know which is theirs. */
export function FindInstancePage(frame: PublicFrame): JSX.Element {
  return (
    <PublicPage {...frame} title="Find your instance" help={<BackToSignIn />}>
      <p>
        This is {frame.instance.name}. If your account is elsewhere, give your address: a mail says where it signs in.
      </p>
      <form method="post" action="/find-instance" class="form">
        <Field name="email" label="Your email" type="email" autocomplete="email" maxlength={320} autofocus required />
        <Button kind="primary" wide>
          Send me the list
        </Button>
      </form>
    </PublicPage>
  );
}

/** Says the same to everybody, whether an account goes by the address or not. */
export function InstancesRequestedPage(frame: PublicFrame): JSX.Element {
  return (
    <PublicPage {...frame} title="Look into your mailbox" help={<BackToSignIn />}>
      <p>If an account goes by that address anywhere, a mail that says where is on its way to it.</p>
      <Callout kind="info" title="No mail?">
        <p>
          Look into Spam or Junk for “Where you sign in”. Otherwise no account goes by that address: try another one of
          yours, or <a href="/contact">contact your administrator</a>.
        </p>
      </Callout>
    </PublicPage>
  );
}

function BackToSignIn(): JSX.Element {
  return (
    <p>
      <a href="/sign-in">Back to sign in</a>
    </p>
  );
}
