import type { Selectable } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { type FieldFault, invalidFields } from "#lib/errors.ts";
import { findLineFault } from "#lib/fields.ts";
import { isLanguage, LANGUAGES } from "#lib/language.ts";
import { trimUnseen } from "#lib/text.ts";
import type { InstancesTable } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { isAddress } from "#users/address.ts";
import { requirePermission } from "#users/permissions.ts";
import { isTimeZone } from "#users/preferences.ts";

/** What an instance's administrators decide, by the names that page, API and table share. */
export const SETTING_NAMES = [
  "name",
  "accent_hue",
  "mail_from",
  "reply_to",
  "time_zone",
  "language",
  "open_crm_url",
  "link_lifetime_minutes",
  "invitation_lifetime_minutes",
  "session_idle_minutes",
  "session_absolute_minutes",
  "allows_typed_passwords",
  "requires_verification_for_links",
  "allows_copied_links",
  "lockout_failures",
  "lockout_minutes",
] as const;

export type Settings = Pick<Selectable<InstancesTable>, (typeof SETTING_NAMES)[number]>;

/** What is left out stays as it is. */
export type SettingChanges = {
  readonly [Name in keyof Settings]?: (Name extends "language" ? string : Settings[Name]) | undefined;
};

/** The least and the most that each number may be; the database holds them, too (OWASP ASVS 5.0, V7.3 for sessions; NIST SP 800-63B-4, section 3.2.2 for failures). */
export const LIMITS = {
  accent_hue: [0, 359],
  link_lifetime_minutes: [10, 1440],
  invitation_lifetime_minutes: [60, 10_080],
  session_idle_minutes: [5, 30],
  session_absolute_minutes: [30, 720],
  lockout_failures: [3, 100],
  lockout_minutes: [5, 1440],
} as const;

/** Of an instance, in characters. */
export const LONGEST_NAME = 80;
const LONGEST_URL = 2_000;

/** @returns the settings of the instance as they are now. @throws not_permitted */
export async function getSettings(deps: Deps, scope: Scope): Promise<Settings> {
  requirePermission(scope, "settings.edit");
  return deps.db.onInstances((tx) =>
    tx.selectFrom("instances").select(SETTING_NAMES).where("id", "=", scope.instance.id).executeTakeFirstOrThrow(),
  );
}

/** @throws validation_failed with everything that is wrong with those that are given. */
export function requireValidSettings(changes: SettingChanges): void {
  const faults: FieldFault[] = [];
  const refuse = (field: string, code: string, detail: string): void => void faults.push({ field, code, detail });
  const { name, mail_from: mailFrom, reply_to: replyTo, time_zone: timeZone, open_crm_url: openCrmUrl } = changes;
  if (name !== undefined && !trimUnseen(name)) refuse("name", "missing", "Enter the name that people know it by.");
  const lines = [
    findLineFault("name", name ?? "", LONGEST_NAME),
    findLineFault("open_crm_url", openCrmUrl ?? "", LONGEST_URL),
  ];
  faults.push(...lines.filter((fault) => fault !== undefined));
  for (const [field, address] of [
    ["mail_from", mailFrom],
    ["reply_to", replyTo],
  ] as const) {
    if (address && !isAddress(address))
      refuse(field, "malformed", "This is not an address. It looks like help@oak.example, without a name before it.");
  }
  if (timeZone !== undefined && !isTimeZone(timeZone))
    refuse("time_zone", "unknown", "Use a time zone such as America/New_York.");
  if (changes.language !== undefined && !isLanguage(changes.language))
    refuse("language", "unknown", `Use one of ${Object.keys(LANGUAGES).join(", ")}.`);
  if (openCrmUrl && !isWebAddress(openCrmUrl))
    refuse("open_crm_url", "malformed", "Use a whole address that begins with https://");
  for (const [field, [least, most]] of Object.entries(LIMITS)) {
    const value = changes[field as keyof typeof LIMITS];
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
      refuse(field, "out_of_range", `Enter a whole number from ${least} to ${most}.`);
  }
  if (faults.length > 0) throw invalidFields(faults);
}

/** Nothing but the web: a link on a page must run no script. */
function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.username === "" &&
    url.password === ""
  );
}
