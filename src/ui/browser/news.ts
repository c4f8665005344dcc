import { find } from "./dom.ts";

const known = new Map<string, string>();

/** Screen readers hear what is other than it was: how many of a filtered list are left, and what became of whom. */
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
  const status = find("#news");
  const now = [...told].join(". ");
  // The panel may have told it before the list.
  if (status && now !== "" && status.textContent !== now) status.textContent = now;
}

function wordsOf(news: HTMLElement): string {
  const copy = news.cloneNode(true) as HTMLElement;
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent.replace(/, \d+ min left/, "").trim();
}
