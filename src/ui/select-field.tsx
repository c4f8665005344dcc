import type { JSX } from "hono/jsx/jsx-runtime";

import { type FieldFrame, FieldShell, faultAttributes } from "./field.tsx";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean | undefined;
}

export interface SelectFieldProps extends FieldFrame {
  readonly choices: readonly Choice[];
  readonly value?: string | undefined;
  readonly required?: boolean | undefined;
}

/** Asks for one of a few known values with the platform's own list. */
export function SelectField({ choices, value, required, name, label, ...rest }: SelectFieldProps): JSX.Element {
  const frame = { ...rest, label, id: rest.id ?? name };
  return (
    <FieldShell {...frame}>
      <select class="input select" id={frame.id} name={name} required={required} {...faultAttributes(frame)}>
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value} disabled={choice.disabled}>
            {choice.label}
          </option>
        ))}
      </select>
    </FieldShell>
  );
}
