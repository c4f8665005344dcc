import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { answerActed } from "#sessions/answer-acted.tsx";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { OPENED_VALUES, parseOpenedValues, touchedOf } from "#ui/opened-values.tsx";
import { type FormValues, InstancePage } from "./instance-page.tsx";
import { SecurityPage } from "./security-page.tsx";
import { findTestMail, sendTestMail } from "./send-test-mail.tsx";
import { getSettings, type SettingChanges, type Settings } from "./settings.ts";
import { updateSettings } from "./update-settings.ts";

type C = Context<SessionEnv>;

interface Filled {
  readonly values: FormValues;
  /** What the form held when it was opened. */
  readonly opened: FormValues;
  readonly faults: readonly FieldFault[];
}

/** The settings of the instance: what it is known by, and its policies. */
export function settingsRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/instance", (c) => showInstance(deps, assets, c))
    .post("/settings/instance", async (c) => {
      const texts = ["name", "time_zone", "language", "open_crm_url", "mail_from", "reply_to"] as const;
      const { [OPENED_VALUES]: text, ...values } = await readForm(c, [...texts, "accent_hue", OPENED_VALUES]);
      const opened = parseOpenedValues(text);
      const changes = touchedOf({ ...values, accent_hue: toNumber(values.accent_hue) }, values, opened);
      return save(deps, c, changes, (faults) => showInstance(deps, assets, c, { values, opened, faults }));
    })
    .post("/settings/instance/test-mail", async (c) => {
      const { user } = requireSession(c);
      await sendTestMail(deps, c.var.scope, { user });
      return answerActed(deps, c, "/settings/instance");
    })
    .get("/settings/security", (c) => showSecurity(deps, assets, c))
    .post("/settings/security", async (c) => {
      const { [OPENED_VALUES]: text, ...values } = await readForm(c, [...NUMBERS, ...SWITCHES, OPENED_VALUES]);
      const opened = parseOpenedValues(text);
      const numbers = Object.fromEntries(NUMBERS.map((name) => [name, toNumber(values[name])]));
      const switches = Object.fromEntries(SWITCHES.map((name) => [name, values[name] === "on"]));
      const changes = touchedOf({ ...numbers, ...switches }, values, opened);
      return save(deps, c, changes, (faults) => showSecurity(deps, assets, c, { values, opened, faults }));
    });
}

const NUMBERS = [
  "link_lifetime_minutes",
  "invitation_lifetime_minutes",
  "session_idle_minutes",
  "session_absolute_minutes",
  "lockout_failures",
  "lockout_minutes",
] as const;
const SWITCHES = ["allows_typed_passwords", "requires_verification_for_links", "allows_copied_links"] as const;

async function showInstance(deps: Deps, assets: Assets, c: C, filled?: Filled): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const settings = await getSettings(deps, scope);
  const testMail = await deps.db.inInstance(scope.instance.id, (tx) => findTestMail(tx, scope));
  const values = valuesOf(settings);
  const shown = filled ?? { values, opened: values, faults: [] };
  const frame = await readFrame(deps, assets, c, "settings");
  return c.html(<InstancePage frame={frame} {...shown} testMail={testMail} />, filled ? 422 : 200);
}

async function showSecurity(deps: Deps, assets: Assets, c: C, filled?: Filled): Promise<Response> {
  requireSession(c);
  const values = valuesOf(await getSettings(deps, c.var.scope));
  const shown = filled ?? { values, opened: values, faults: [] };
  const frame = await readFrame(deps, assets, c, "settings");
  return c.html(<SecurityPage frame={frame} {...shown} />, filled ? 422 : 200);
}

/** Saved, or shown again with what was typed beside what is wrong with it. */
async function save(
  deps: Deps,
  c: C,
  changes: SettingChanges,
  showAgain: (faults: readonly FieldFault[]) => Promise<Response>,
): Promise<Response> {
  requireSession(c);
  try {
    await updateSettings(deps, c.var.scope, changes);
    return c.redirect(c.req.path, 303);
  } catch (error) {
    return showAgain(fieldFaultsOf(error));
  }
}

function valuesOf(settings: Settings): FormValues {
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === "boolean" ? (value ? "on" : "") : String(value ?? ""),
  ]);
  return Object.fromEntries(entries) as FormValues;
}

/** What is no number is kept as one that no limit takes. */
function toNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
