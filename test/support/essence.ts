import type { Answer } from "./http.ts";

/**
 * @param echoes what the request itself said and the answer may repeat.
 * @returns the whole answer but for its moment, the number of its request, and the echoes: two requests that tell a stranger
 *   the same have the same essence.
 */
export function essenceOf({ status, headers, text }: Answer, echoes: readonly string[] = []): unknown {
  const { date: _date, "x-request-id": requestId, "rekey-session-ends": _end, ...others } = headers;
  const plain = (words: string): string =>
    [String(requestId), ...echoes].reduce((rest, echo) => rest.replaceAll(echo, "…"), words);
  return { status, headers: plain(JSON.stringify(others)), text: plain(text) };
}
