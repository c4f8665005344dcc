import { sessionWords } from "#ui/session-words.ts";
import { connectWhileSeen } from "./changes.ts";
import { find } from "./dom.ts";
import { serverTime } from "./times.ts";

/** The words about the session are true again, and stand there only while it is short. */
export function refreshSession(): void {
  const left = find("#session-left");
  if (!left) return;
  const words = sessionWords(new Date(left.dataset["sessionEnds"] ?? ""), serverTime());
  left.hidden = words === undefined;
  const shown = left.querySelector(".session-left-words");
  if (shown && shown.textContent !== (words ?? "")) shown.textContent = words ?? "";
}

/** Every answer to who is signed in says anew when the session ends; changes are followed again if it had ended. */
export function hearOfSession(headers: Headers | undefined): void {
  const ends = headers?.get("Rekey-Session-Ends");
  const left = find("#session-left");
  if (!ends || !left) return;
  left.dataset["sessionEnds"] = ends;
  refreshSession();
  connectWhileSeen();
}
