import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { ButtonKind } from "./button.tsx";
import { answeredInDialog } from "./dialog.tsx";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuButtonProps {
  /** The id of the `Menu` it opens. */
  readonly menu: string;
  readonly kind?: ButtonKind | undefined;
  readonly children: Child;
}

/** Opens a menu; the platform ties the two together, so it works without the script. */
export function MenuButton({ menu, kind = "plain", children }: MenuButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`button button-${kind}`}
      id={`${menu}-button`}
      popovertarget={menu}
      aria-haspopup="menu"
    >
      {children}
      <Icon name="chevron-down" />
    </button>
  );
}

export interface MenuProps {
  readonly id: string;
  /** What the menu acts on, such as "Actions for Maria Gonzalez". */
  readonly label: string;
  /** `MenuForm`s and `MenuLink`s. */
  readonly children: Child;
}

/** Holds actions in a native popover beside the button that opened it. */
export function Menu({ id, label, children }: MenuProps): JSX.Element {
  return (
    <div class="popover menu" id={id} popover="auto" role="menu" aria-label={label}>
      {children}
    </div>
  );
}

/** Holds the same actions openly, as in the information panel. Give its children `place="list"`. */
export function ActionList({ label, children }: { readonly label: string; readonly children: Child }): JSX.Element {
  return (
    <div class="action-list" role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** What an item says, whether it does something or leads somewhere. */
export interface MenuItem {
  /** Unique in the page; ties the item to its second line. */
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly icon?: IconName | undefined;
  readonly place?: "menu" | "list" | undefined;
  readonly danger?: boolean | undefined;
  /** Why it cannot be done now. It stays reachable, and this is its second line. */
  readonly disabledReason?: string | undefined;
}

export interface MenuFormProps extends MenuItem {
  readonly action: string;
  /** Sent along with the form. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Off where the answer is a page rather than fragments. */
  readonly enhanced?: boolean | undefined;
  /** Where there is a script the answer comes up as a dialog; without, it is a page of its own. */
  readonly opensDialog?: boolean | undefined;
}

export interface MenuLinkProps extends MenuItem {
  readonly href: string;
  /** Where there is a script; without, it is a page of its own. */
  readonly opensDialog?: boolean | undefined;
}

/** Does something at once: a form of one button that htmx sends in place, expecting fragments as the answer. */
export function MenuForm(props: MenuFormProps): JSX.Element {
  const { action, fields = {}, enhanced = true, opensDialog = false, ...item } = props;
  if (item.disabledReason !== undefined) return <DisabledItem {...item} />;
  // A second click is dropped while the first is under way; disabling the button would lose the focus.
  const inPlace = enhanced ? { "hx-post": action, "hx-swap": "none", "hx-sync": "this:drop" } : {};
  const enhancement = opensDialog ? answeredInDialog(action) : inPlace;
  return (
    <form method="post" action={action} role={item.place === "list" ? undefined : "none"} {...enhancement}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <ItemFrame {...item}>
        <button type="submit" {...actionAttributes(item)}>
          {item.label}
        </button>
      </ItemFrame>
    </form>
  );
}

/** Leads to a page from a menu, or opens it as a dialog. */
export function MenuLink({ href, opensDialog = false, ...item }: MenuLinkProps): JSX.Element {
  if (item.disabledReason !== undefined) return <DisabledItem {...item} />;
  return (
    <ItemFrame {...item}>
      <a href={href} {...(opensDialog ? { "hx-get": href, "hx-target": "#dialog" } : {})} {...actionAttributes(item)}>
        {item.label}
      </a>
    </ItemFrame>
  );
}

/** Uses aria-disabled rather than disabled, so that a keyboard reaches the item and hears the reason. */
function DisabledItem(item: MenuItem): JSX.Element {
  return (
    <ItemFrame {...item}>
      <button type="button" {...actionAttributes(item)} aria-disabled="true">
        {item.label}
      </button>
    </ItemFrame>
  );
}

/** The second line stands outside of the button, which the style sheet stretches over it: a name stays one line. */
function ItemFrame({ id, icon, danger, children, ...item }: MenuItem & { readonly children: Child }): JSX.Element {
  const secondLine = item.disabledReason ?? item.description;
  return (
    <div class={danger ? "menu-item menu-item-danger" : "menu-item"}>
      {icon && <Icon name={icon} />}
      <div class="menu-lines">
        {children}
        {secondLine && (
          <p class="menu-description" id={`${id}-description`}>
            {secondLine}
          </p>
        )}
      </div>
    </div>
  );
}

function actionAttributes({ id, description, disabledReason, place }: MenuItem): Record<string, string | undefined> {
  return {
    id,
    class: "menu-action",
    role: place === "list" ? undefined : "menuitem",
    "aria-describedby": (disabledReason ?? description) ? `${id}-description` : undefined,
  };
}
