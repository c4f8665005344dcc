/** @returns what an error says; where several came at once, all of them. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}

/** @returns where an error comes from and what lies beneath it, for the log. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const beneath: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause ?? []].flat();
  return [error.stack ?? error.message, ...beneath.map((each) => `because of ${traceOf(each)}`)].join("\n");
}

/** @returns the code that the system or the database gave an error, such as `ECONNREFUSED` or `53100`; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
