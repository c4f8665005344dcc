import { find } from "./dom.ts";

const STAY_MS = { success: 8_000, info: 8_000, warning: 16_000 };
const LEAVE_MS = 160;

const leaving = new Map<HTMLElement, number>();
let focusBefore: EventTarget | null = null;

function startTimers(): void {
  stopTimers();
  for (const notification of document.querySelectorAll<HTMLElement>("[data-notification]")) {
    const stayMs = STAY_MS[notification.dataset["notification"] as keyof typeof STAY_MS];
    if (stayMs) leaving.set(notification, window.setTimeout(dismiss, stayMs, notification));
  }
}

function stopTimers(): void {
  for (const timer of leaving.values()) clearTimeout(timer);
  leaving.clear();
}

/** Takes a notification away; the focus goes where it came from. */
export function dismiss(notification: HTMLElement): void {
  const hadFocus = notification.contains(document.activeElement);
  notification.classList.add("notification-leaving");
  setTimeout(() => {
    notification.remove();
    if (hadFocus) (find("[data-dismiss]") ?? (focusBefore as HTMLElement | null) ?? find("#main"))?.focus();
  }, LEAVE_MS);
}

/** Notifications stay as long as their kind needs, longer while somebody reads them, errors until they are dismissed. */
export function watchNotifications(area: HTMLElement): void {
  new MutationObserver(startTimers).observe(area, { childList: true, subtree: true });
  area.addEventListener("pointerenter", stopTimers);
  area.addEventListener("pointerleave", startTimers);
  area.addEventListener("focusin", ({ relatedTarget }) => {
    if (!area.contains(relatedTarget as Node | null)) focusBefore = relatedTarget;
    stopTimers();
  });
  area.addEventListener("focusout", startTimers);
  // Nobody reads in a tab that is not looked at.
  document.addEventListener("visibilitychange", () => (document.hidden ? stopTimers() : startTimers()));
  // Live regions announce changes only, and these words were in the page when it came.
  setTimeout(() => {
    for (const words of area.querySelectorAll(".notification-words > *")) words.replaceChildren(...words.childNodes);
  }, 300);
  startTimers();
}

/** Says that the server did not answer at all. */
export function showNoAnswer(): void {
  const template = document.querySelector<HTMLTemplateElement>("template#no-answer");
  if (template && !find("#alerts #notification-no-answer")) find("#alerts")?.append(template.content.cloneNode(true));
}
