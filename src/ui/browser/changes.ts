import { find } from "./dom.ts";

let source: EventSource | undefined;

/** What is live on the page asks again as soon as something has changed; a page that nobody looks at keeps no connection. */
export function followChanges(): void {
  document.addEventListener("visibilitychange", connectWhileSeen);
  connectWhileSeen();
}

/** Also after nobody was signed in for a while: what was asked before may yet be refused, and asking is begun anew. */
export function connectWhileSeen(): void {
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else if (source?.readyState !== EventSource.OPEN && find("[data-live]")) {
    source?.close();
    source = new EventSource("/changes");
    source.addEventListener("change", tellPage);
    source.addEventListener("open", tellPage); // Something may have changed while nobody listened.
  }
}

function tellPage(): void {
  document.dispatchEvent(new Event("recovery-changed"));
}
