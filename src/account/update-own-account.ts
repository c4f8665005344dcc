import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { requireValidPreferences } from "#users/preferences.ts";
import { asTarget, type User } from "#users/user.ts";

/** A person's own language and time zone; nothing means that of the instance. @throws validation_failed */
export async function updateOwnAccount(
  deps: Deps,
  scope: Scope,
  input: { user: User; timeZone: string; locale: string },
): Promise<void> {
  const { user, timeZone, locale } = input;
  const act = { action: "user.update", target: asTarget(user), detail: { changed: ["timeZone", "locale"] } } as const;
  await audited(deps, scope, act, async (tx) => {
    requireValidPreferences({ timeZone, locale });
    await tx
      .updateTable("users")
      .set({ time_zone: timeZone || null, locale: locale || null })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", user.id)
      .execute();
    const at = deps.clock.now();
    await recordAuditEvent(tx, scope, at, act);
    await notify(tx, scope, at, { kind: "success", title: "Success", text: "Your language and time zone were saved" });
  });
}
