import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

export interface FormFault {
  /** The id of the field it is about; without one the fault is about the form as a whole. */
  readonly field?: string | undefined;
  /** What is wrong and what to do. */
  readonly detail: string;
}

/** @returns what is wrong with the field, to be said beside it, or undefined. */
export function faultOf(faults: readonly FormFault[], field: string): string | undefined {
  return faults.find((fault) => fault.field === field)?.detail;
}

/** Says at the top of a form what kept it from being saved, takes the focus, and leads to each field. Nothing without faults. */
export function FormFaults({ faults }: { readonly faults: readonly FormFault[] }): JSX.Element | null {
  if (faults.length === 0) return null;
  return (
    <div class="callout callout-failure form-faults" role="alert" tabindex={-1} autofocus data-focus>
      <Icon name="circle-alert" size={20} />
      <div class="callout-body">
        <p class="callout-title">
          {faults.length === 1 ? "One thing needs your attention" : "A few things need your attention"}
        </p>
        <ul class="form-faults-list">
          {faults.map((fault) => (
            <li>{fault.field ? <a href={`#${fault.field}`}>{fault.detail}</a> : fault.detail}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
