import { advise } from "./advice.ts";
import { leaveCapsLock, watchCapsLock } from "./caps-lock.ts";
import { followChanges } from "./changes.ts";
import { closest, find } from "./dom.ts";
import { forgetDraft, keepDraft, restoreDrafts } from "./drafts.ts";
import { copy, reveal } from "./fields.ts";
import { followToggle, moveInMenu } from "./menus.ts";
import { closeUppermost, escapeUppermost, keepFocus, rememberOpener, watchLayers } from "./layers.ts";
import { tellNews } from "./news.ts";
import { dismiss, showNoAnswer, watchNotifications } from "./notifications.ts";
import { searchForTyped } from "./search.ts";
import { hearOfSession, refreshSession } from "./session.ts";
import { closePalette, moveInPalette, openPalette, showFound } from "./palette.ts";
import { allowAgain, submitOnce } from "./submit-once.ts";
import { refreshTimes } from "./times.ts";
import { removeUnseen, watchUnseen } from "./unseen.ts";

// Everything listens on the document, so that what htmx swaps in works without being set up.

function onClick(event: MouseEvent): void {
  const on = (selector: string, act: (element: HTMLElement) => void): void => {
    const element = closest(event, selector);
    if (element) act(element);
  };
  on("a[hx-target='#panel'], a[hx-target='#dialog'], form[hx-target='#dialog'] .menu-action", rememberOpener);
  on(".popover.menu a", (link) => link.closest<HTMLElement>(".popover")?.hidePopover());
  on("[data-layer-close]", (element) => {
    if (element.closest("#dialog")) event.preventDefault();
    closeUppermost();
  });
  on(".dialog-backdrop", closePalette);
  on("[data-dismiss]", (button) => {
    const notification = button.closest<HTMLElement>("[data-notification]");
    if (notification) dismiss(notification);
  });
  on("[data-reveal]", reveal);
  on("[data-copy]", (button) => void copy(button));
  on("[data-print]", () => print());
  on("[data-remove-unseen]", removeUnseen);
}

function onKeyDown(event: KeyboardEvent): void {
  const { key } = event;
  const menu = closest(event, ".popover:popover-open");
  if (menu) moveInMenu(event, menu);
  else if (key === "Escape" && !find(".popover:popover-open")) escapeUppermost();
  else if (key === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    openPalette();
  } else if (closest(event, ".palette")) moveInPalette(event);
  else if (key === "ArrowDown" && closest(event, "[aria-haspopup=menu]")) {
    event.preventDefault();
    closest(event, "[aria-haspopup=menu]")?.click();
  }
}

document.documentElement.classList.add("scripted");
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKeyDown);
document.addEventListener("keydown", watchCapsLock);
document.addEventListener("keyup", watchCapsLock);
document.addEventListener("focusout", leaveCapsLock);
document.addEventListener("input", (event) => {
  keepDraft(event);
  const field = closest(event, "input[data-marks-unseen]");
  if (!(field instanceof HTMLInputElement)) return;
  watchUnseen(field);
  if (field.dataset["advice"]) advise(field);
});
document.addEventListener("toggle", followToggle, true);
document.addEventListener("submit", (event) => {
  submitOnce(event);
  forgetDraft(event);
  const menu = closest(event, ".popover.menu");
  // Only after htmx has seen the event: it reads the form when its turn comes.
  if (menu) setTimeout(() => menu.hidePopover());
});
addEventListener("pageshow", allowAgain);
document.addEventListener("htmx:error", (event) => {
  if ((event as CustomEvent<{ ctx?: unknown }>).detail.ctx) showNoAnswer();
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx?: { response?: { headers?: Headers } } }>).detail;
  hearOfSession(ctx?.response?.headers);
});
document.addEventListener("htmx:after:swap", () => {
  restoreDrafts();
  refreshTimes();
  tellNews();
  showFound();
});

const area = find(".notifications");
if (area) watchNotifications(area);
watchLayers();
keepFocus();
restoreDrafts();
followChanges();
tellNews();
refreshTimes();
refreshSession();
setInterval(() => {
  refreshTimes();
  refreshSession();
}, 15_000);
setTimeout(searchForTyped); // After the timer by which htmx sets to work.
find("[data-focus]")?.focus();
