import { closest, find } from "./dom.ts";

const TYPE_AHEAD_MS = 700;

let typed = "";
let typedTimer = 0;

const invokerOf = (popover: Element): HTMLElement | null => find(`[popovertarget="${popover.id}"]`);
const itemsOf = (popover: Element): HTMLElement[] => [...popover.querySelectorAll<HTMLElement>("a, button")];

/** Arrows, Home, End and the first letters move within an open menu. */
export function moveInMenu(event: KeyboardEvent, popover: HTMLElement): void {
  // Whoever goes on leaves no menu open over the page; from its button they go on.
  if (event.key === "Tab" && popover.matches(".menu")) popover.hidePopover();
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

/** The focus goes into a menu that opens and back to its button when it closes. */
export function followToggle(event: Event): void {
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
