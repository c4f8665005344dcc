/** A page that has not come by then may be asked for once more. */
const PATIENCE_MS = 10_000;

const sentAt = new WeakMap<EventTarget, number>();

/** A second click while the answer to the first is on its way sends nothing: what can be done once would then seem to have failed. */
export function submitOnce(event: SubmitEvent): void {
  const form = event.target;
  // What htmx sends in place it has taken over already, and keeps in order itself.
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post") return;
  const now = performance.now();
  const last = sentAt.get(form);
  if (last !== undefined && now - last < PATIENCE_MS) event.preventDefault();
  else sentAt.set(form, now);
}

/** Who comes back to the page may send it again. */
export function allowAgain(): void {
  for (const form of document.forms) sentAt.delete(form);
}
