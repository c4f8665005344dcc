/** What was typed before the page could act on it, or stands there again since the browser kept it, is searched for. */
export function searchForTyped(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>(".search-input"))
    if (input.value !== input.defaultValue) input.dispatchEvent(new Event("input", { bubbles: true }));
}
