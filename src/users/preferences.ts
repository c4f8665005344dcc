import { type FieldFault, invalidFields } from "#lib/errors.ts";

/** What a person may set of their own, and an administrator for them. */
interface Preferences {
  readonly timeZone?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

/** @returns what is wrong with those that are given. */
export function findPreferenceFaults({ timeZone, locale }: Preferences): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  if (timeZone && !isTimeZone(timeZone))
    faults.push({ field: "time_zone", code: "unknown", detail: "Use a time zone such as America/New_York." });
  if (locale && !isLocale(locale))
    faults.push({ field: "locale", code: "unknown", detail: "Use a language such as en, es or pt-BR." });
  return faults;
}

/** @throws validation_failed */
export function requireValidPreferences(preferences: Preferences): void {
  const faults = findPreferenceFaults(preferences);
  if (faults.length > 0) throw invalidFields(faults);
}

/** Trying a name out takes 60 µs, and a file may have thousands: only an alias has to be tried. */
const TIME_ZONES = new Set(Intl.supportedValuesOf("timeZone"));

/** @returns whether the platform knows the time zone by this name. */
export function isTimeZone(name: string): boolean {
  if (TIME_ZONES.has(name)) return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** BCP 47, as far as it is well formed. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
