import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { faultAttributes } from "./field.tsx";
import { Icon } from "./icon.tsx";

export interface CheckFieldProps {
  readonly name: string;
  readonly label: Child;
  readonly value?: string | undefined;
  readonly id?: string | undefined;
  readonly checked?: boolean | undefined;
  readonly hint?: Child;
  readonly fault?: string | undefined;
}

/** Asks yes or no; sends its value ("on" if left out) when ticked and nothing when not. */
export function CheckField(props: CheckFieldProps): JSX.Element {
  return <Option {...props} id={props.id ?? props.name} type="checkbox" />;
}

export interface RadioChoice {
  readonly value: string;
  readonly label: Child;
  readonly hint?: Child;
}

export interface RadioFieldProps {
  readonly name: string;
  readonly label: Child;
  readonly choices: readonly RadioChoice[];
  readonly value?: string | undefined;
  readonly fault?: string | undefined;
}

/** Asks for one of a few choices that each need a line of explanation. */
export function RadioField({ name, label, choices, value, fault }: RadioFieldProps): JSX.Element {
  return (
    <fieldset class="field choices" aria-describedby={fault && `${name}-fault`} id={name}>
      <legend class="field-label">{label}</legend>
      {choices.map((choice) => (
        <Option {...choice} name={name} id={`${name}-${choice.value}`} type="radio" checked={choice.value === value} />
      ))}
      {fault && <Fault id={name} fault={fault} />}
    </fieldset>
  );
}

type OptionProps = CheckFieldProps & { readonly id: string; readonly type: "checkbox" | "radio" };

function Option({ label, hint, fault, id, ...control }: OptionProps): JSX.Element {
  return (
    <div class="choice">
      <input class="choice-input" id={id} {...control} {...faultAttributes({ id, label, hint, fault })} />
      <label class="choice-label" for={id}>
        {label}
      </label>
      {hint && (
        <p class="field-hint choice-note" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && <Fault id={id} fault={fault} />}
    </div>
  );
}

function Fault({ id, fault }: { readonly id: string; readonly fault: string }): JSX.Element {
  return (
    <p class="field-fault choice-note" id={`${id}-fault`}>
      <Icon name="circle-alert" />
      <span>{fault}</span>
    </p>
  );
}
