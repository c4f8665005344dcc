import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

export interface CopyFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

/** Shows a value to hand on, with a button that copies it; without the script it can still be selected. */
export function CopyField({ id, label, value }: CopyFieldProps): JSX.Element {
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <span class="copy-field">
        <input class="input copy-value" id={id} value={value} readonly spellcheck={false} autocomplete="off" />
        <button type="button" class="button button-plain needs-script" data-copy={id}>
          <Icon name="copy" />
          <Icon name="check" />
          <span aria-live="polite">Copy</span>
          <span class="visually-hidden"> {label}</span>
        </button>
      </span>
    </div>
  );
}
