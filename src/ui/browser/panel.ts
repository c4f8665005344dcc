import { find } from "./dom.ts";

let openerId = "";

/** Remembers the icon, by its id, since the list around it may be replaced meanwhile. */
export function rememberOpener({ id }: HTMLElement): void {
  openerId = id;
}

/** What is swapped into the panel slides it in. */
export function watchPanel(panel: HTMLElement): void {
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

/** The panel is empty and gone; the focus returns to the icon that opened it. */
export function closePanel(): void {
  const panel = find("#panel");
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  panel.replaceChildren(); // Nothing in it goes on asking for news.
  setFrameInert(false);
  (document.getElementById(openerId) ?? find("#main"))?.focus();
}

/** Rather than aria-modal, which would hide the notifications beside the panel too. */
function setFrameInert(inert: boolean): void {
  const frame = find("#frame");
  if (frame) frame.inert = inert;
}
