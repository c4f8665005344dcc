import { find } from "./dom.ts";

let source: EventSource | undefined;

/** What is live on the page asks again as soon as something has changed; a page that nobody looks at keeps no connection. */
export function followChanges(): void {
  document.addEventListener("visibilitychange", connectWhileSeen);
  connectWhileSeen();
}

/** Also after nobody was signed in for a while. */
export function connectWhileSeen(): void {
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else if (!source && find("[data-live]")) {
    source = new EventSource("/changes");
    source.addEventListener("change", tellPage);
    source.addEventListener("open", tellPage); // Something may have changed while nobody listened.
    source.addEventListener("error", forgetRefused);
  }
}

/** The browser tries again by itself, unless it was refused. */
function forgetRefused(): void {
  if (source?.readyState === EventSource.CLOSED) source = undefined;
}

function tellPage(): void {
  document.body.dispatchEvent(new Event("recovery-changed"));
}
