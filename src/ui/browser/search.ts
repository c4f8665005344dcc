import { find } from "./dom.ts";

/** Screen readers hear how many are left when the list was filtered. */
export function announceList(): void {
  const status = find("[data-search-status]");
  const summary = find("#list")?.dataset["summary"];
  if (status && summary && summary !== status.dataset["last"]) {
    if (status.dataset["last"]) status.textContent = summary;
    status.dataset["last"] = summary;
  }
}
