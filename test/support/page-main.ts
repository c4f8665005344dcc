/** @returns what a page is about: without what stands around it on every page, such as the tray with the names of people. */
export function mainOf(html: string): string {
  return html.slice(html.indexOf("<main"));
}
