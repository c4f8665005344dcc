import { find } from "./dom.ts";

/** Who comes upon them reads the last ones. */
const KEPT = 20;

const known = new Map<string, string>();

/** Screen readers hear, one after the other, what is other than it was: how many of a filtered list are left, what became of whom. */
export function tellNews(): void {
  const told = new Set<string>();
  const hear = (key: string, words: string, sentence = words): void => {
    if (words !== "" && words !== (known.get(key) ?? words)) told.add(sentence);
    known.set(key, words);
  };
  for (const list of document.querySelectorAll<HTMLElement>("[data-summary]"))
    hear(list.id, list.dataset["summary"] ?? "");
  for (const news of document.querySelectorAll<HTMLElement>("[data-news]")) {
    const words = wordsOf(news);
    hear(`${news.closest("[data-live]")?.id} ${news.dataset["news"]}`, words, `${news.dataset["about"]}: ${words}`);
  }
  const log = find("#news");
  for (const sentence of told) {
    if (log?.lastElementChild?.textContent === sentence) continue; // The panel told it before the list.
    log?.append(Object.assign(document.createElement("p"), { textContent: sentence }));
    if (log && log.childElementCount > KEPT) log.firstElementChild?.remove();
  }
}

/** What time itself changes is no news. */
function wordsOf(news: HTMLElement): string {
  const copy = news.cloneNode(true) as HTMLElement;
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent.replace(/, \d+ min left/, "").trim();
}
