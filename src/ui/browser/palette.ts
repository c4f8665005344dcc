import { find } from "./dom.ts";

let isWaiting = false;

/** The palette comes up, from any page. */
export function openPalette(): void {
  find("[data-palette-open]")?.click();
}

/** Enter acts on who was found for what stands there now, never for what stood there before; arrows move among the found. */
export function moveInPalette(event: KeyboardEvent): void {
  const { key, target } = event;
  const items = [...document.querySelectorAll<HTMLElement>("#found button, #found a")];
  if (key === "Enter" && target instanceof HTMLInputElement) {
    event.preventDefault();
    isWaiting = !isFoundFor(target);
    if (!isWaiting) items[0]?.click();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step === undefined) return;
  event.preventDefault();
  const next = items.indexOf(document.activeElement as HTMLElement) + step;
  if (next < 0) find("[data-palette]")?.focus();
  else items[Math.min(next, items.length - 1)]?.focus();
}

/** Who pressed Enter before the answer came meant the one who was found, if it is one. */
export function showFound(): void {
  const input = find("[data-palette]");
  if (!isWaiting || !(input instanceof HTMLInputElement) || !isFoundFor(input)) return;
  isWaiting = false;
  const items = document.querySelectorAll<HTMLElement>("#found button, #found a");
  if (items.length === 1) items[0]?.click();
}

function isFoundFor(input: HTMLInputElement): boolean {
  return find("#found")?.dataset["q"] === input.value.trim();
}
