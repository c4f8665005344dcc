/** Something that a scanner says is wrong with the program. */
export interface Finding {
  /** Who found it; `answers` and `database` stand for what we noticed ourselves while a scanner was at work. */
  readonly by: "wapiti" | "sqlmap" | "answers" | "database";
  /** In the scanner's own words. */
  readonly what: string;
  /** Such as `POST /settings/users/:id/edit`. */
  readonly where: string;
  /** The parameter that was attacked, or nothing where it is about the whole answer. */
  readonly parameter: string;
  readonly detail: string;
}

/** @returns the address with `:id` for every id and without a query, so that what is said of one person is said of all. */
export function addressOf(target: string): string {
  const { pathname } = new URL(target, "http://any");
  return pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id").replace(/\/$/, "") || "/";
}

/** @returns the finding as a line for a person. */
export function describe({ by, what, where, parameter, detail }: Finding): string {
  return `${by}: ${what}, ${where}${parameter && `, parameter ${parameter}`}: ${detail.replace(/\s+/g, " ").slice(0, 300)}\n`;
}
