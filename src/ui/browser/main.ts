import { closest, find } from "./dom.ts";
import { copy, reveal } from "./fields.ts";
import { followToggle, moveInMenu } from "./menus.ts";
import { dismiss, showNoAnswer, watchNotifications } from "./notifications.ts";
import { closePanel, rememberOpener, watchPanel } from "./panel.ts";
import { announceList } from "./search.ts";
import { refreshTimes } from "./times.ts";

// Everything listens on the document, so that what htmx swaps in works without being set up.

function onClick(event: MouseEvent): void {
  const on = (selector: string, act: (element: HTMLElement) => void): void => {
    const element = closest(event, selector);
    if (element) act(element);
  };
  on(".panel-link", rememberOpener);
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

document.documentElement.classList.add("scripted");
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKeyDown);
document.addEventListener("toggle", followToggle, true);
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
