import { relativeWords } from "./relative-time.ts";

// Everything listens on the document, so that what htmx swaps in works without being set up.

const STAY_MS = { success: 8_000, info: 8_000, warning: 16_000 };
const LEAVE_MS = 160;
const TYPE_AHEAD_MS = 700;

const find = (selector: string): HTMLElement | null => document.querySelector<HTMLElement>(selector);
const closest = ({ target }: Event, selector: string): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>(selector) : null;

// Relative times

const serverNow = Date.parse(document.documentElement.dataset["now"] ?? "");
const skewMs = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();

function refreshTimes(): void {
  const now = new Date(Date.now() + skewMs);
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const words = relativeWords(new Date(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
}

// Notifications

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

function dismiss(notification: HTMLElement): void {
  const hadFocus = notification.contains(document.activeElement);
  notification.classList.add("notification-leaving");
  setTimeout(() => {
    notification.remove();
    if (hadFocus) (find("[data-dismiss]") ?? (focusBefore as HTMLElement | null) ?? find("#main"))?.focus();
  }, LEAVE_MS);
}

function watchNotifications(area: HTMLElement): void {
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

function showNoAnswer(): void {
  const template = document.querySelector<HTMLTemplateElement>("template#no-answer");
  if (template && !find("#alerts #notification-no-answer")) find("#alerts")?.append(template.content.cloneNode(true));
}

// Menus

let typed = "";
let typedTimer = 0;

const invokerOf = (popover: Element): HTMLElement | null => find(`[popovertarget="${popover.id}"]`);
const itemsOf = (popover: Element): HTMLElement[] => [...popover.querySelectorAll<HTMLElement>("a, button")];

function moveInMenu(event: KeyboardEvent, popover: HTMLElement): void {
  const items = itemsOf(popover);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
  const to = moves[event.key];
  const target = to === undefined ? typeAhead(event, items, at) : items.at(to >= items.length ? 0 : to);
  if (!target) return;
  event.preventDefault();
  target.focus();
}

function typeAhead(event: KeyboardEvent, items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  clearTimeout(typedTimer);
  typedTimer = window.setTimeout(() => (typed = ""), TYPE_AHEAD_MS);
  typed += event.key.toLowerCase();
  // One letter repeated goes on to the next item that begins with it.
  const start = typed.length === 1 ? at + 1 : Math.max(at, 0);
  const inOrder = [...items.slice(start), ...items.slice(0, start)];
  return inOrder.find((item) => item.textContent.trim().toLowerCase().startsWith(typed));
}

function onToggle(event: Event): void {
  const popover = closest(event, "[popover]");
  const invoker = popover && invokerOf(popover);
  if (!popover || !invoker) return;
  if ((event as ToggleEvent).newState === "open") {
    if (!CSS.supports("position-area", "top")) placeBeside(popover, invoker);
    itemsOf(popover)[0]?.focus();
  } else if (document.activeElement === document.body) {
    invoker.focus();
  }
}

/** For browsers without anchor positioning. */
function placeBeside(popover: HTMLElement, invoker: HTMLElement): void {
  if (!popover.matches(".popover") || innerWidth < 640) return;
  const box = invoker.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = popover.matches(".settings-menu") ? box.right : box.right - width;
  const below = box.bottom + height < innerHeight ? box.bottom : innerHeight - height - 8;
  Object.assign(popover.style, { left: `${Math.max(8, left)}px`, top: `${Math.max(8, below)}px` });
}

// Panel

let openerId = "";

function watchPanel(panel: HTMLElement): void {
  new MutationObserver(() => {
    if (panel.childElementCount === 0) closePanel();
    else if (panel.hidden) openPanel(panel);
    else if (document.activeElement === document.body) panel.focus();
  }).observe(panel, { childList: true });
}

function openPanel(panel: HTMLElement): void {
  panel.hidden = false;
  setFrameInert(true);
  panel.focus();
}

function closePanel(): void {
  const panel = find("#panel");
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  setFrameInert(false);
  (document.getElementById(openerId) ?? find("#main"))?.focus();
}

/** Rather than aria-modal, which would hide the notifications beside the panel too. */
function setFrameInert(inert: boolean): void {
  const frame = find("#frame");
  if (frame) frame.inert = inert;
}

// Passwords and copies

function reveal(button: HTMLElement): void {
  const input = document.getElementById(button.dataset["reveal"] ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.ariaLabel = shown ? "Hide password" : "Show password";
  button.classList.toggle("is-revealed", shown);
}

async function copy(button: HTMLElement): Promise<void> {
  const input = document.getElementById(button.dataset["copy"] ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // The clipboard is missing or refused outside of https; the selection above still allows the old way.
    document.execCommand("copy");
  }
  const words = button.querySelector("span");
  button.classList.add("is-copied");
  if (words) words.textContent = "Copied";
  setTimeout(() => {
    button.classList.remove("is-copied");
    if (words) words.textContent = "Copy";
  }, 2_000);
}

// Events

function onClick(event: MouseEvent): void {
  const on = (selector: string, act: (element: HTMLElement) => void): void => {
    const element = closest(event, selector);
    if (element) act(element);
  };
  on(".panel-link", ({ id }) => (openerId = id));
  on("[data-panel-close]", closePanel);
  on("[data-dismiss]", (button) => {
    const notification = button.closest<HTMLElement>("[data-notification]");
    if (notification) dismiss(notification);
  });
  on("[data-reveal]", reveal);
  on("[data-copy]", (button) => void copy(button));
}

function onKeyDown(event: KeyboardEvent): void {
  const { key } = event;
  const menu = closest(event, ".popover:popover-open");
  const search = document.querySelector<HTMLInputElement>("[data-search]");
  if (menu) moveInMenu(event, menu);
  else if (key === "ArrowDown" && closest(event, "[aria-haspopup=menu]")) {
    event.preventDefault();
    closest(event, "[aria-haspopup=menu]")?.click();
  } else if (key === "Escape" && !find(".popover:popover-open")) closePanel();
  else if (key === "/" && search && !closest(event, "input, textarea, select") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.select();
  }
}

function announceList(): void {
  const status = find("[data-search-status]");
  const summary = find("#list")?.dataset["summary"];
  if (status && summary && summary !== status.dataset["last"]) {
    if (status.dataset["last"]) status.textContent = summary;
    status.dataset["last"] = summary;
  }
}

document.documentElement.classList.add("scripted");
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKeyDown);
document.addEventListener("toggle", onToggle, true);
document.addEventListener("submit", (event) => {
  const menu = closest(event, ".popover.menu");
  // Only after htmx has seen the event: it reads the form when its turn comes.
  if (menu) setTimeout(() => menu.hidePopover());
});
document.addEventListener("htmx:error", (event) => {
  if ((event as CustomEvent<{ ctx?: unknown }>).detail.ctx) showNoAnswer();
});
document.addEventListener("htmx:after:swap", () => {
  refreshTimes();
  announceList();
});

const area = find(".notifications");
const panel = find("#panel");
if (area) watchNotifications(area);
if (panel) watchPanel(panel);
announceList();
refreshTimes();
setInterval(refreshTimes, 15_000);
find("[data-focus]")?.focus();
