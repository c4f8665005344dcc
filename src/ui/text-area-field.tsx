import type { JSX } from "hono/jsx/jsx-runtime";

import { type FieldFrame, FieldShell, faultAttributes } from "./field.tsx";

export interface TextAreaFieldProps extends FieldFrame {
  readonly value?: string | undefined;
  readonly rows?: number | undefined;
  readonly maxlength?: number | undefined;
  readonly required?: boolean | undefined;
}

/** Asks for a few lines of text, such as a note. */
export function TextAreaField({
  value,
  rows = 3,
  label,
  hint,
  fault,
  id,
  ...control
}: TextAreaFieldProps): JSX.Element {
  const frame = { label, hint, fault, id: id ?? control.name };
  return (
    <FieldShell {...frame}>
      <textarea class="input text-area" id={frame.id} rows={rows} {...control} {...faultAttributes(frame)}>
        {value}
      </textarea>
    </FieldShell>
  );
}
