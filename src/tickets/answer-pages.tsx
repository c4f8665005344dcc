import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault, RekeyError } from "#lib/errors.ts";
import type { Assets } from "#ui/assets.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";
import { ANSWER_ADDRESS } from "./answer-link.ts";
import type { TicketAnswer } from "./answer-ticket.ts";

interface PublicFrame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
}

interface AnswerPageProps extends PublicFrame {
  readonly mailId: string;
  readonly number: number;
  readonly note: string;
  readonly faults: readonly FieldFault[];
}

/** Asks whether the person is in: opening the link alone says nothing. */
export function AnswerPage({ assets, instance, mailId, number, note, faults }: AnswerPageProps): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title="Can you sign in again?"
      help={<p>Not tried yet? Close this page and open the link in the mail again when you have.</p>}
    >
      <p>
        It is about your request {number} to the administrators of {instance.name}. They see what you answer.
      </p>
      <FormFaults faults={faults} />
      <form method="post" action={ANSWER_ADDRESS} class="form">
        <input type="hidden" name="mail" value={mailId} />
        <TextAreaField
          name="text"
          label="Anything to add?"
          hint="For instance what the page says when you try. Never a password."
          value={note}
          fault={faultOf(faults, "text")}
          maxlength={4000}
        />
        <Button kind="primary" wide name="answer" value="in">
          I am in
        </Button>
        <Button wide name="answer" value="out">
          I still cannot sign in
        </Button>
      </form>
    </PublicPage>
  );
}

/** The answer was received, and what happens now. */
export function AnsweredPage({
  assets,
  instance,
  answer,
}: PublicFrame & { readonly answer: TicketAnswer }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title="Thank you">
      {answer === "in" ? (
        <p>Good that you are in. There is nothing left to do.</p>
      ) : (
        <p>The administrators of {instance.name} know that you still cannot sign in, and look at your request again.</p>
      )}
      <ButtonLink wide href="/sign-in">
        Sign in
      </ButtonLink>
    </PublicPage>
  );
}

/** Says honestly why nothing can be answered by this link, and how to reach somebody all the same. */
export function NoAnswerPage({
  assets,
  instance,
  refusal,
}: PublicFrame & { readonly refusal: RekeyError }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title={refusal.title.replace(/\.$/, "")}>
      <p>{refusal.detail}</p>
      <ButtonLink kind="primary" wide href="/contact">
        Contact your administrator
      </ButtonLink>
    </PublicPage>
  );
}
