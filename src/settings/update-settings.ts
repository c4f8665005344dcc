import { recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { trimUnseen } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { requireValidSettings, SETTING_NAMES, type SettingChanges, type Settings } from "./settings.ts";

/**
 * The instance is as the changes say, from the next request on. The record holds what each setting was and is.
 * @throws not_permitted, validation_failed
 */
export async function updateSettings(deps: Deps, scope: Scope, changes: SettingChanges): Promise<Settings> {
  const { id, name } = scope.instance;
  const act = { action: "settings.update", target: { type: "instance", id, name } } as const;
  return recordingRefusals(deps, scope, act, async () => {
    requirePermission(scope, "settings.edit");
    requireValidSettings(changes);
    return deps.db.onInstances(async (tx, enter) => {
      const own = tx.selectFrom("instances").select(SETTING_NAMES).where("id", "=", id);
      const before = await own.forUpdate().executeTakeFirstOrThrow();
      const after = { ...before, ...toColumns(changes) };
      await tx.updateTable("instances").set(after).where("id", "=", id).execute();
      const inside = await enter(id);
      const at = deps.clock.now();
      await recordAuditEvent(inside, scope, at, { ...act, detail: differences(before, after) });
      await notify(inside, scope, at, { kind: "success", title: "Success", text: "The settings were saved" });
      return after;
    });
  });
}

/** Nothing where nothing was written, names without unseen edges, and of the rest what is given. */
function toColumns(changes: SettingChanges): Partial<Settings> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === "string" ? trimUnseen(value) || null : value]),
  );
}

function differences(before: Settings, after: Settings): Detail {
  const changed = SETTING_NAMES.filter((name) => before[name] !== after[name]);
  return {
    changed,
    ...Object.fromEntries(
      changed.flatMap((name) => [
        [`${name}_from`, before[name]],
        [`${name}_to`, after[name]],
      ]),
    ),
  };
}
