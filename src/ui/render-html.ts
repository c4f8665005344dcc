import type { JSX } from "hono/jsx/jsx-runtime";

/** @returns the HTML of an element none of whose parts is asynchronous. */
export function renderHtml(element: JSX.Element): string {
  const html: unknown = element;
  return String(html);
}
