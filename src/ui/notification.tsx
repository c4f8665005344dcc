import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon, type IconName } from "./icon.tsx";
import { RelativeTime } from "./time.tsx";

export type NotificationKind = "success" | "warning" | "error" | "info";

export interface NotificationView {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly title: string;
  readonly text: string;
  /** Whom it is about, where the text names nobody. */
  readonly about?: string | null;
  readonly at: Date;
}

const ICONS = {
  success: "circle-check",
  warning: "triangle-alert",
  error: "circle-x",
  info: "info",
} as const satisfies Record<NotificationKind, IconName>;

/** Tells the outcome of an action; the script takes it away after at least eight seconds, an error only when dismissed. */
function Notification({ notification }: { readonly notification: NotificationView }): JSX.Element {
  const { id, kind, title, text } = notification;
  return (
    <div class={`notification notification-${kind}`} data-notification={kind} id={`notification-${id}`}>
      <Icon name={ICONS[kind]} size={20} />
      <p class="notification-words">
        <strong class="notification-title">{title}</strong> <span class="notification-text">{text}</span>
      </p>
      <button type="button" class="icon-button needs-script" data-dismiss aria-label={`Dismiss: ${title}`}>
        <Icon name="x" />
      </button>
    </div>
  );
}

/**
 * Holds the notifications at the top right. Its two live regions stand in the page from the start, because assistive
 * technology announces reliably only what is added to a region that it already knows.
 */
export function NotificationArea({
  notifications,
}: {
  readonly notifications: readonly NotificationView[];
}): JSX.Element {
  const urgent = notifications.filter(isUrgent);
  const calm = notifications.filter((notification) => !isUrgent(notification));
  return (
    <section class="notifications" aria-label="Messages">
      <div id="alerts" role="alert" aria-atomic="false">
        {urgent.map((notification) => (
          <Notification notification={notification} />
        ))}
      </div>
      <div id="notices" role="status" aria-atomic="false">
        {calm.map((notification) => (
          <Notification notification={notification} />
        ))}
      </div>
      <template id="no-answer">
        <Notification notification={NO_ANSWER} />
      </template>
    </section>
  );
}

/** Answers an htmx request, alone or beside other content: shows the notification now and puts it first in the tray. */
export function NotificationFragment({ notification, now }: NotificationFragmentProps): JSX.Element {
  return (
    <>
      <hx-partial hx-target={isUrgent(notification) ? "#alerts" : "#notices"} hx-swap="beforeend">
        <Notification notification={notification} />
      </hx-partial>
      <hx-partial hx-target="#tray" hx-swap="afterbegin">
        <TrayItem notification={notification} now={now} />
      </hx-partial>
    </>
  );
}

export interface NotificationFragmentProps {
  readonly notification: NotificationView;
  readonly now: Date;
}

/** Shows one past notification in the tray. */
export function TrayItem({ notification, now }: NotificationFragmentProps): JSX.Element {
  const { kind, title, text, about, at } = notification;
  return (
    <li class={`tray-item tray-${kind}`}>
      <Icon name={ICONS[kind]} />
      <p class="tray-words">
        <strong>{title}</strong> {text}
        {about && <span class="tray-about">{about}</span>}
      </p>
      <RelativeTime at={at} now={now} />
    </li>
  );
}

const NO_ANSWER: NotificationView = {
  id: "no-answer",
  kind: "error",
  title: "No answer from the server",
  text: "Check your connection, then try again. Sending again is safe.",
  at: new Date(0),
};

function isUrgent({ kind }: NotificationView): boolean {
  return kind === "error" || kind === "warning";
}
