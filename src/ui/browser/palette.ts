import { find } from "./dom.ts";
import { closeUppermost } from "./layers.ts";

let isWaiting = false;

/** The palette comes up, from any page; not in place of a dialog, in which something may stand that is nowhere else. */
export function openPalette(): void {
  if (find("#dialog")?.hidden) find("[data-palette-open]")?.click();
}

/** Who presses beside it has done with it. Another dialog ends only where it says so. */
export function closePalette(): void {
  if (find("#dialog .palette")) closeUppermost();
}

/** Enter acts on who was found for what stands there now, never for what stood there before; arrows move among the found. */
export function moveInPalette(event: KeyboardEvent): void {
  isWaiting = false; // Whoever types on means somebody else.
  if (event.key === "Enter") pressEnter(event);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = listFound();
  const row = document.activeElement?.closest(".found-person");
  const next = items.findIndex((item) => item === document.activeElement || row?.contains(item)) + step;
  if (next < 0) find("[data-palette]")?.focus();
  else items[Math.min(next, items.length - 1)]?.focus();
}

/** Who pressed Enter before the answer came meant who was found. */
export function showFound(): void {
  const input = find("[data-palette]");
  if (!isWaiting || !(input instanceof HTMLInputElement) || !isFoundFor(input)) return;
  isWaiting = false;
  chooseFound();
}

/** Whoever holds the key down has chosen nobody: it sends nothing to who has the focus since. */
function pressEnter(event: KeyboardEvent): void {
  const { target, repeat } = event;
  const isTyping = target instanceof HTMLInputElement;
  if (isTyping || repeat) event.preventDefault();
  if (!isTyping) return;
  isWaiting = !isFoundFor(target);
  if (!isWaiting && !repeat) chooseFound();
}

/** The only one is meant. Of several the first has the focus, so that the next Enter is for a name that was read. */
function chooseFound(): void {
  const [first, ...others] = listFound();
  if (others.length > 0 || first?.ariaDisabled === "true") first?.focus();
  else first?.click();
}

/** @returns what Enter is for, one for each who was found. */
function listFound(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#found .menu-action, #found .button")];
}

function isFoundFor(input: HTMLInputElement): boolean {
  return find("#found")?.dataset["q"] === input.value.trim();
}
