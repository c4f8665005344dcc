import type { JSX } from "hono/jsx/jsx-runtime";

import { type FieldFrame, FieldShell, faultAttributes } from "./field.tsx";

export interface FileFieldProps extends FieldFrame {
  /** Endings and types that the platform's own window offers first, such as ".csv,text/csv". */
  readonly accept?: string | undefined;
  readonly required?: boolean | undefined;
}

/** Asks for a file. Its form needs `enctype="multipart/form-data"`, and the file must be the last field in it. */
export function FileField({ label, hint, fault, id, ...control }: FileFieldProps): JSX.Element {
  const frame = { label, hint, fault, id: id ?? control.name };
  return (
    <FieldShell {...frame}>
      <input class="input file-input" id={frame.id} type="file" {...control} {...faultAttributes(frame)} />
    </FieldShell>
  );
}
