import type { Finding } from "./finding.ts";

interface Explanation {
  readonly by: Finding["by"];
  readonly what: RegExp;
  readonly where: RegExp;
  /** As `docs/security.md` says it at length. */
  readonly because: string;
}

/** What a scanner says that is true and no fault. Whatever else it says is one. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    by: "wapiti",
    what: /^Cross Site Request Forgery$/,
    where: /^POST /,
    because: "Sec-Fetch-Site and Origin decide, not a token in each form",
  },
  {
    by: "wapiti",
    what: /^HTTP Secure Headers$/,
    where: /^GET /,
    because: "frame-ancestors and the content policy say it; the scanned program is on http, where HSTS means nothing",
  },
];

/** @returns why the finding is no fault, or undefined. */
export function explain({ by, what, where }: Finding): string | undefined {
  return EXPLANATIONS.find((each) => each.by === by && each.what.test(what) && each.where.test(where))?.because;
}
