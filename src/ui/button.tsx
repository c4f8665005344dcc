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
  /** What it is called where its own words alone would not say which of many it is about. */
  readonly label?: string | undefined;
  /** Prints the page instead of submitting; it needs the script, so it hides without. */
  readonly prints?: boolean | undefined;
}

/** Submits its form, unless `type` says otherwise. */
export function Button({
  kind,
  icon,
  wide,
  prints,
  label,
  children,
  type = "submit",
  ...rest
}: ButtonProps): JSX.Element {
  const look = `${buttonClass(kind, wide)}${prints ? " needs-script" : ""}`;
  return (
    <button
      type={prints ? "button" : type}
      class={look}
      data-print={prints ? "" : undefined}
      aria-label={label}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface ButtonLinkProps extends Look {
  readonly href: string;
  /** In a dialog it closes it instead; where the dialog is a page of its own it leads back. */
  readonly closesDialog?: boolean | undefined;
  /** Where there is a script it opens as a dialog; unique in the page, so that the focus comes back to it. */
  readonly opensDialogAs?: string | undefined;
}

/** Leads somewhere and looks like a button; never use it for something that changes data. */
export function ButtonLink(props: ButtonLinkProps): JSX.Element {
  const { kind, icon, wide, closesDialog, opensDialogAs: id, children, href } = props;
  const dialog = id === undefined ? {} : { id, "hx-get": href, "hx-target": "#dialog" };
  return (
    <a href={href} class={buttonClass(kind, wide)} data-layer-close={closesDialog ? "" : undefined} {...dialog}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
}

export interface RefusedButtonsProps {
  /** Unique in the page; ties the buttons to the reason. */
  readonly id: string;
  readonly reason: string;
  readonly buttons: readonly { readonly icon?: IconName; readonly label: string }[];
}

/**
 * Stand where the buttons stand for who may use them, and say why they cannot be used here. They use aria-disabled rather than
 * disabled, so that a keyboard reaches them and hears the reason.
 */
export function RefusedButtons({ id, reason, buttons }: RefusedButtonsProps): JSX.Element {
  return (
    <div class="refused">
      <div class="refused-buttons">
        {buttons.map(({ icon, label }) => (
          <button type="button" class="button button-refused" aria-disabled="true" aria-describedby={`${id}-reason`}>
            {icon && <Icon name={icon} />}
            {label}
          </button>
        ))}
      </div>
      <p class="refused-reason" id={`${id}-reason`}>
        {reason}
      </p>
    </div>
  );
}

function buttonClass(kind: ButtonKind = "plain", wide = false): string {
  return `button button-${kind}${wide ? " button-wide" : ""}`;
}
