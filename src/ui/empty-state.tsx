import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "./icon.tsx";

export interface EmptyStateProps {
  readonly title: string;
  readonly icon?: IconName | undefined;
  /** What this place will hold, or why nothing was found. */
  readonly children?: Child;
  /** The next step, usually one button. */
  readonly action?: Child;
}

/** Stands where a list would be and says what to do next. */
export function EmptyState({ title, icon = "inbox", children, action }: EmptyStateProps): JSX.Element {
  return (
    <div class="empty-state">
      <Icon name={icon} size={24} />
      <p class="empty-state-title">{title}</p>
      {children && <div class="empty-state-text">{children}</div>}
      {action && <div class="empty-state-action">{action}</div>}
    </div>
  );
}
