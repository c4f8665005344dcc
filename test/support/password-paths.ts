import assert from "node:assert/strict";

import { CookieJar } from "./http.ts";
import type { TestInstance, TestUser } from "./rekey.ts";

/** What became of a password that was tried. */
export interface Verdict {
  readonly isAccepted: boolean;
  /** All that the person reads, without markup; empty when it was accepted. */
  readonly words: string;
}

/** One way to set a password of one's own, with a link or signed in. A refused password leaves it open. */
export interface PasswordPath {
  readonly name: string;
  /** @returns what tries a password for the user. */
  open(oak: TestInstance, user: TestUser, admin: CookieJar): Promise<(password: string) => Promise<Verdict>>;
}

/** The paths of who was mailed a link. */
export const LINK_PATHS: readonly PasswordPath[] = [
  {
    name: "API",
    open: async (oak, user, admin) => {
      const token = await oak.mailedToken(user, admin);
      return async (password) => {
        const answer = await oak.api("POST", "/recovery-redemptions", { json: { token, password } });
        assert([204, 422].includes(answer.status), answer.text);
        if (answer.status === 204) return { isAccepted: true, words: "" };
        const { code, detail, errors } = answer.json() as { code: string; detail: string; errors: { field: string }[] };
        assert.equal(code, "password_rejected");
        assert.deepEqual(
          errors.map(({ field }) => field),
          ["password"],
        );
        return { isAccepted: false, words: detail };
      };
    },
  },
  {
    name: "form",
    open: async (oak, user, admin) => {
      const cookies = new CookieJar();
      const opened = await oak.request(`/reset-password/${await oak.mailedToken(user, admin)}`, { cookies });
      const recovery = new URL(String(opened.headers.location), oak.instance.origin).searchParams.get("recovery") ?? "";
      return async (password) => {
        const form = { recovery, new_password: password, confirm_password: password };
        const answer = await oak.request("/reset-password", { form, cookies });
        assert([303, 422].includes(answer.status), answer.text);
        if (answer.status === 303) return { isAccepted: true, words: "" };
        return { isAccepted: false, words: wordsOf(answer.text) };
      };
    },
  },
];

/** The paths of who is signed in. */
const OWN_PATHS: readonly PasswordPath[] = [
  {
    name: "one's own account over the API",
    open: async (oak, user) => {
      const cookies = await oak.signIn(user);
      return async (password) => {
        const json = { current_password: user.password, new_password: password };
        const answer = await oak.api("POST", "/session/password", { json, cookies });
        assert([204, 422].includes(answer.status), answer.text);
        if (answer.status === 204) return { isAccepted: true, words: "" };
        return { isAccepted: false, words: (answer.json() as { detail: string }).detail };
      };
    },
  },
  {
    name: "one's own account",
    open: async (oak, user) => {
      const cookies = await oak.signIn(user);
      return async (password) => {
        const form = { current_password: user.password ?? "", new_password: password, confirm_password: password };
        const answer = await oak.request("/account/password", { form, cookies });
        assert([303, 422].includes(answer.status), answer.text);
        if (answer.status === 303) return { isAccepted: true, words: "" };
        return { isAccepted: false, words: wordsOf(answer.text) };
      };
    },
  },
];

/** Every path by which a person sets a password over HTTP; whoever adds one adds it here. */
export const PASSWORD_PATHS: readonly PasswordPath[] = [...LINK_PATHS, ...OWN_PATHS];

/** @returns what a person reads of a page. */
export function wordsOf(html: string): string {
  return html
    .replace(/<(script|style|title)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/\s+/g, " ");
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
