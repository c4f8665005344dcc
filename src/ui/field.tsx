import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

/** What every kind of field has around its control. */
export interface FieldFrame {
  readonly name: string;
  readonly label: Child;
  /** Defaults to the name; state it where two fields of a page share a name. */
  readonly id?: string | undefined;
  readonly hint?: Child;
  /** What is wrong with the value and what to do about it; it also marks the field as invalid. */
  readonly fault?: string | undefined;
}

export interface FieldProps extends FieldFrame {
  /** What may be wrong with the value, and what can be done about it at a click. It marks nothing as invalid. */
  readonly warning?: Child;
  readonly type?: "text" | "email" | "tel" | "url" | "number" | "search" | "date" | undefined;
  readonly value?: string | undefined;
  readonly required?: boolean | undefined;
  readonly readonly?: boolean | undefined;
  readonly autofocus?: boolean | undefined;
  readonly autocomplete?: string | undefined;
  readonly inputmode?: "text" | "email" | "numeric" | "tel" | "url" | undefined;
  readonly maxlength?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly spellcheck?: boolean | undefined;
  readonly autocapitalize?: "none" | "sentences" | "words" | undefined;
}

/** Asks for one line of text; what was typed is kept by passing it back as `value`. */
export function Field({ label, hint, fault, warning, id, type = "text", ...control }: FieldProps): JSX.Element {
  const frame = { label, hint, fault, warning, id: id ?? control.name };
  return (
    <FieldShell {...frame}>
      <input class="input" id={frame.id} type={type} {...control} {...faultAttributes(frame)} />
    </FieldShell>
  );
}

export interface PasswordFieldProps extends FieldFrame {
  readonly autocomplete: "current-password" | "new-password" | "off";
  readonly value?: string | undefined;
  readonly autofocus?: boolean | undefined;
  readonly required?: boolean | undefined;
  readonly minlength?: number | undefined;
  readonly maxlength?: number | undefined;
  /** Says as it is typed where it has spaces at its ends or characters that nobody sees, and removes them at a click. */
  readonly marksUnseen?: boolean | undefined;
  /** Where the script asks, as it is typed, what the server would say to it; the answer takes the place of the hint. */
  readonly advice?: string | undefined;
}

/** Asks for a password, with a button that shows what was typed (it needs the script, so it hides without). */
export function PasswordField({
  label,
  hint,
  fault,
  id,
  marksUnseen = false,
  advice,
  ...control
}: PasswordFieldProps): JSX.Element {
  const frame = { label, hint, fault, id: id ?? control.name, hasLiveHint: advice !== undefined };
  return (
    <FieldShell {...frame}>
      <span class="input-group">
        <input
          class="input"
          id={frame.id}
          type="password"
          spellcheck={false}
          autocapitalize="none"
          data-marks-unseen={marksUnseen ? "" : undefined}
          data-advice={advice}
          {...control}
          {...faultAttributes(frame)}
        />
        <button type="button" class="input-button needs-script" data-reveal={frame.id} aria-label="Show password">
          <Icon name="eye" />
          <Icon name="eye-off" />
        </button>
      </span>
      <p class="field-caps-lock" id={`${frame.id}-caps-lock`} role="status" />
      {marksUnseen && <UnseenMark fieldId={frame.id} />}
    </FieldShell>
  );
}

/** Empty until the script finds something to mark. */
function UnseenMark({ fieldId }: { readonly fieldId: string }): JSX.Element {
  return (
    <div class="field-unseen" id={`${fieldId}-unseen`} hidden>
      <Icon name="triangle-alert" />
      <p role="status" data-words />
      <button type="button" class="button button-plain" data-remove-unseen={fieldId}>
        Remove
      </button>
    </div>
  );
}

interface Shell {
  readonly id: string;
  readonly label: Child;
  readonly hint?: Child;
  readonly fault?: string | undefined;
  readonly warning?: Child;
  /** Whether the hint changes while the field is filled in. */
  readonly hasLiveHint?: boolean;
}

/** Puts label, hint, fault and warning around any control that spreads `faultAttributes` of the same frame. */
export function FieldShell({
  id,
  label,
  hint,
  fault,
  warning,
  hasLiveHint = false,
  children,
}: Shell & { readonly children: Child }): JSX.Element {
  return (
    <div class={fault ? "field field-faulty" : "field"}>
      <label class="field-label" for={id}>
        {label}
      </label>
      {children}
      {hint && (
        <p
          class={hasLiveHint ? "field-hint live-hint" : "field-hint"}
          id={`${id}-hint`}
          aria-live={hasLiveHint ? "polite" : undefined}
        >
          {hint}
        </p>
      )}
      {fault && (
        <p class="field-fault" id={`${id}-fault`}>
          <Icon name="circle-alert" />
          <span>{fault}</span>
        </p>
      )}
      {warning && (
        <div class="field-warning" id={`${id}-warning`} role="alert" tabindex={-1} autofocus data-focus>
          <Icon name="triangle-alert" />
          <div class="field-warning-body">{warning}</div>
        </div>
      )}
    </div>
  );
}

/** Ties a control to its hint, its warning and its fault for assistive technology. */
export function faultAttributes({ id, hint, fault, warning }: Shell): Record<string, string | undefined> {
  const described = [hint && `${id}-hint`, fault && `${id}-fault`, warning && `${id}-warning`]
    .filter(Boolean)
    .join(" ");
  return { "aria-describedby": described || undefined, "aria-invalid": fault ? "true" : undefined };
}
