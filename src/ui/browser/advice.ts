import { afterPause } from "./pause.ts";

const hints = new WeakMap<HTMLElement, Node[]>();
let asking = new AbortController();

/** Beneath a new password stands, after a pause in typing, what the server would say to it; its own hint where nothing is known. */
export function advise(field: HTMLInputElement): void {
  asking.abort(); // An answer about what stood there before would be a lie.
  const hint = document.getElementById(`${field.id}-hint`);
  const fault = document.getElementById(`${field.id}-fault`);
  if (!hint) return;
  if (!hints.has(hint)) hints.set(hint, [...hint.childNodes]);
  fault?.classList.add("field-fault-past");
  field.removeAttribute("aria-invalid");
  if (field.value === "") showHint(hint);
  else afterPause("advice", () => void ask(field, hint));
}

async function ask(field: HTMLInputElement, hint: HTMLElement): Promise<void> {
  asking = new AbortController();
  const { signal } = asking;
  const recovery = field.form?.querySelector<HTMLInputElement>("input[name=recovery]")?.value;
  const body = new URLSearchParams({ new_password: field.value, ...(recovery && { recovery }) });
  try {
    // Whatever the answer is but the advice itself, the form says it when it is sent.
    const answer = await fetch(field.dataset["advice"] ?? "", { method: "POST", body, signal, redirect: "error" });
    const words = answer.ok ? await answer.text() : undefined;
    if (signal.aborted) return;
    if (words === undefined) showHint(hint);
    else hint.innerHTML = words;
  } catch {
    if (!signal.aborted) showHint(hint);
  }
}

function showHint(hint: HTMLElement): void {
  hint.replaceChildren(...(hints.get(hint) ?? []));
}
