import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "./icon.tsx";

/** What a state means to the reader: green, amber, red, blue and grey, always with an icon and a word. */
export type StateKind = "success" | "waiting" | "failure" | "info" | "neutral";

/** The icon that stands for a state where nothing more fitting is known. */
export const STATE_ICONS = {
  success: "circle-check",
  waiting: "clock",
  failure: "circle-x",
  info: "info",
  neutral: "circle",
} as const satisfies Record<StateKind, IconName>;

export interface ChipProps {
  readonly kind: StateKind;
  readonly icon?: IconName | undefined;
  readonly children: Child;
}

/** Says a state in an icon and a few words, such as "Link sent 4 min ago". */
export function Chip({ kind, icon = STATE_ICONS[kind], children }: ChipProps): JSX.Element {
  return (
    <span class={`chip chip-${kind}`}>
      <Icon name={icon} />
      <span>{children}</span>
    </span>
  );
}
