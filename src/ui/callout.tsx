import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { STATE_ICONS, type StateKind } from "./chip.tsx";
import { Icon, type IconName } from "./icon.tsx";

export interface CalloutProps {
  readonly kind: StateKind;
  readonly title?: Child;
  readonly icon?: IconName | undefined;
  readonly children?: Child;
}

/** Tells something that belongs to the page and stays there, unlike a notification. */
export function Callout({ kind, title, icon = STATE_ICONS[kind], children }: CalloutProps): JSX.Element {
  return (
    <div class={`callout callout-${kind}`}>
      <Icon name={icon} size={20} />
      <div class="callout-body">
        {title && <p class="callout-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
