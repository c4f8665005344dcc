import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "./icon.tsx";

/** `primary` is the one main action of a view, `danger` what cannot be taken back, `plain` everything else. */
export type ButtonKind = "primary" | "plain" | "danger";

interface Look {
  readonly kind?: ButtonKind | undefined;
  readonly icon?: IconName | undefined;
  /** Fills the width of its column, as on public pages. */
  readonly wide?: boolean | undefined;
  readonly children: Child;
}

export interface ButtonProps extends Look {
  readonly type?: "submit" | "button" | undefined;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  /** The id of the form it submits when it stands outside of it. */
  readonly form?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** Submits its form, unless `type` says otherwise. */
export function Button({ kind, icon, wide, children, type = "submit", ...rest }: ButtonProps): JSX.Element {
  return (
    <button type={type} class={buttonClass(kind, wide)} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** Leads somewhere and looks like a button; never use it for something that changes data. */
export function ButtonLink({ kind, icon, wide, children, href }: Look & { readonly href: string }): JSX.Element {
  return (
    <a href={href} class={buttonClass(kind, wide)}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
}

function buttonClass(kind: ButtonKind = "plain", wide = false): string {
  return `button button-${kind}${wide ? " button-wide" : ""}`;
}
