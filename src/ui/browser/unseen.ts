import { describeUnseen, removeUnseen as without } from "#lib/text.ts";
import { afterPause } from "./pause.ts";

/** Says beneath the field what cannot be seen in it, while it is typed: a space is found after a pause, since a word may follow. */
export function watchUnseen(field: HTMLInputElement): void {
  if (!document.getElementById(`${field.id}-unseen`)?.hidden) markUnseen(field);
  afterPause(`unseen ${field.id}`, () => markUnseen(field));
}

function markUnseen(field: HTMLInputElement): void {
  const mark = document.getElementById(`${field.id}-unseen`);
  const words = mark?.querySelector("[data-words]");
  const found = describeUnseen(field.value);
  if (!mark || !words) return;
  mark.hidden = !found;
  words.textContent = found ? `It has ${found}.` : "";
}

/** The field keeps only what can be seen, and so does the one beside it into which the same was pasted. */
export function removeUnseen(button: HTMLElement): void {
  const field = document.getElementById(button.dataset["removeUnseen"] ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  const pasted = field.value;
  for (const each of field.form?.querySelectorAll<HTMLInputElement>("input[data-marks-unseen]") ?? []) {
    if (each.value !== pasted) continue;
    each.value = without(pasted);
    each.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.focus();
}
