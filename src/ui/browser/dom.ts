/** @returns the first element of the page that matches, or null. */
export const find = (selector: string): HTMLElement | null => document.querySelector<HTMLElement>(selector);

/** @returns the element that an event happened in and that matches, or null. Whatever is swapped in later is found as well. */
export const closest = ({ target }: Event, selector: string): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>(selector) : null;
