import { closest } from "./dom.ts";

/** Beneath a password whose letters nobody sees stands that Caps Lock is on, for as long as it is and the field is typed in. */
export function watchCapsLock(event: Event): void {
  // What fills a form in by itself says that a key was pressed, and not which.
  if (!(event instanceof KeyboardEvent)) return;
  // Whether the key itself goes on or off with its press is told in another way by each system, and truly once it is let go.
  if (event.type === "keydown" && event.key === "CapsLock") return;
  const field = closest(event, "input[type=password]");
  if (field) say(field, event.getModifierState("CapsLock"));
}

/** The field is left. */
export function leaveCapsLock(event: FocusEvent): void {
  const field = closest(event, "input");
  if (field) say(field, false);
}

function say(field: HTMLElement, isOn: boolean): void {
  const words = document.getElementById(`${field.id}-caps-lock`);
  const now = isOn ? "Caps Lock is on." : "";
  if (words && words.textContent !== now) words.textContent = now;
}
