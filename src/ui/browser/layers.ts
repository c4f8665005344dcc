import { find } from "./dom.ts";

/** What comes up over the page, the uppermost first. */
const LAYERS = ["#dialog", "#panel"] as const;

const openerIds = new Map<HTMLElement, string>();
let lastOpenerId = "";

/**
 * Remembers what opens a layer, by its id, since the list around it may be replaced meanwhile. What stands in a menu is gone
 * by then, so its button is remembered instead.
 */
export function rememberOpener(element: HTMLElement): void {
  const menu = element.closest(".popover");
  lastOpenerId = (menu ? find(`[popovertarget="${menu.id}"]`) : element)?.id ?? "";
}

/** What is swapped into a layer brings it up. */
export function watchLayers(): void {
  for (const layer of LAYERS.map(find)) {
    if (!layer) continue;
    new MutationObserver(() => {
      if (layer.childElementCount === 0) close(layer);
      else if (layer.hidden) open(layer);
      else if (document.activeElement === document.body) focusIn(layer);
    }).observe(layer, { childList: true });
  }
}

/** The uppermost layer is empty and gone; the focus returns to what opened it. */
export function closeUppermost(): void {
  const layer = uppermost();
  if (layer) close(layer);
}

/** The same by a slip of the hand, which must not take away what a dialog shows only once: that ends where it says so. */
export function escapeUppermost(): void {
  if (!find("#dialog [data-copy]")) closeUppermost();
}

function open(layer: HTMLElement): void {
  openerIds.set(layer, lastOpenerId);
  layer.hidden = false;
  settle();
  focusIn(layer);
}

function close(layer: HTMLElement): void {
  if (layer.hidden) return;
  layer.hidden = true;
  layer.replaceChildren(); // Nothing in it goes on asking for news.
  settle();
  const opener = document.getElementById(openerIds.get(layer) ?? "");
  (opener && !opener.closest("[inert]") ? opener : (uppermost() ?? find("#main")))?.focus();
}

/** Where what had the focus is gone from the page, the keyboard goes on from the page itself and not from its very top. */
export function keepFocus(): void {
  let before: Element | null = null;
  document.addEventListener("htmx:before:swap", () => {
    before = document.activeElement;
  });
  document.addEventListener("htmx:after:swap", () => {
    const isGone = before?.isConnected === false && document.activeElement === document.body;
    if (isGone) (uppermost() ?? find("#main"))?.focus({ preventScroll: true });
  });
}

function uppermost(): HTMLElement | null | undefined {
  return LAYERS.map(find).find((layer) => layer?.hidden === false);
}

/** Rather than aria-modal, which would hide the notifications beside a layer too. */
function settle(): void {
  const [dialog, panel, frame] = [...LAYERS, "#frame"].map(find);
  const isOpen = (layer: HTMLElement | null | undefined): boolean => layer?.hidden === false;
  if (panel) panel.inert = isOpen(dialog);
  if (frame) frame.inert = isOpen(dialog) || isOpen(panel);
}

function focusIn(layer: HTMLElement): void {
  (layer.querySelector<HTMLElement>("[autofocus]") ?? layer).focus();
}
