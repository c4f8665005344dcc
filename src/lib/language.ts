/** The languages in which mails are written, each in its own name (BCP 47). */
export const LANGUAGES = { en: "English", es: "Español" } as const;

export type Language = keyof typeof LANGUAGES;

/** @returns whether mails are written in the language of this tag. */
export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

/** @returns the language for somebody who prefers this locale, such as `es-MX`; the fallback where theirs is not spoken here. */
export function languageFor(locale: string | null, fallback: Language): Language {
  const [primary = ""] = (locale ?? "").toLowerCase().split(/[-_]/);
  return isLanguage(primary) ? primary : fallback;
}
