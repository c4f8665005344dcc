import type { Instance } from "#instances/instance.ts";
import { type Language, languageFor } from "#lib/language.ts";
import type { User } from "./user.ts";

/** @returns in which language and time zone a mail speaks to the user: their own, else the instance's. */
export function readerOf(user: User, instance: Instance): { readonly language: Language; readonly zone: string } {
  return { language: languageFor(user.locale, instance.language), zone: user.timeZone ?? instance.timeZone };
}
