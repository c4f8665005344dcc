import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { STATE_ICONS, type StateKind } from "./chip.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { ExactTime } from "./time.tsx";

export interface TimelineEvent {
  readonly kind: StateKind;
  /** What happened in two or three words, such as "Accepted by the mail server". */
  readonly word: string;
  /** Left out while it is still awaited. */
  readonly at?: Date | undefined;
  readonly icon?: IconName | undefined;
  readonly detail?: Child;
}

export interface TimelineProps {
  readonly label: string;
  readonly events: readonly TimelineEvent[];
  readonly timeZone?: string | undefined;
}

/** Tells what became of something, oldest first; an event without a time is what it now waits for. */
export function Timeline({ label, events, timeZone }: TimelineProps): JSX.Element {
  return (
    <ol class="timeline" aria-label={label}>
      {events.map((event) => (
        <li class={`timeline-event timeline-${event.kind}${event.at ? "" : " timeline-awaited"}`}>
          <span class="timeline-mark">
            <Icon name={event.icon ?? STATE_ICONS[event.kind]} />
          </span>
          <div class="timeline-text">
            <p class="timeline-word">{event.word}</p>
            {event.detail && <div class="timeline-detail">{event.detail}</div>}
          </div>
          {event.at && <ExactTime at={event.at} timeZone={timeZone} />}
        </li>
      ))}
    </ol>
  );
}
