import { z } from "@hono/zod-openapi";

import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { isLive } from "#recovery/recovery.ts";
import { recoverySummarySchema, toRecoverySummary } from "#recovery/recovery-view.ts";
import type { User } from "#users/user.ts";
import { type Access, readAccess } from "./access.ts";
import { actionsOn } from "./actions.ts";

const actionSchema = z.object({ allowed: z.boolean(), reason: z.string().nullable() });

/** A user as the API shows one; never a hash, token or key. */
export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    role: z.enum(["owner", "admin", "support", "member", "no_access"]),
    status: z.enum(["active", "inactive"]),
    title: z.string().nullable(),
    department: z.string().nullable(),
    phone: z.string().nullable(),
    mobile: z.string().nullable(),
    locale: z.string().nullable(),
    time_zone: z.string().nullable(),
    reports_to: z.uuid().nullable(),
    created_at: z.iso.datetime(),
    last_sign_in_at: z.iso.datetime().nullable(),
    access: z.object({
      locked_until: z.iso.datetime().nullable(),
      frozen_at: z.iso.datetime().nullable(),
      password: z.enum(["none", "set", "temporary"]),
      live_recovery: recoverySummarySchema.nullable(),
    }),
    actions: z.object({
      send_reset_link: actionSchema,
      correct_and_send: actionSchema,
      change_password: actionSchema,
      require_new_password: actionSchema,
      enable_login: actionSchema,
      thaw: actionSchema,
      copy_reset_link: actionSchema,
      end_sessions: actionSchema,
      deactivate: actionSchema,
      reactivate: actionSchema,
      edit: actionSchema,
    }),
  })
  .openapi("User");

/** Whom a user reports to, as a request names them. */
export const superiorField = z
  .uuid()
  .transform((id) => ({ id }))
  .nullable();

/** @returns the API's shape of a user for who has just acted on them, whether or not they may see users otherwise. */
export async function viewUser(deps: Deps, scope: Scope, user: User): Promise<z.infer<typeof userSchema>> {
  const access = await deps.db.inInstance(scope.instance.id, (tx) => readAccess(tx, scope, deps.clock.now(), [user]));
  return toUserView(scope, user, access.of(user), deps.clock.now());
}

/** @returns the API's shape of a user, with the actions that the actor of the scope has. */
export function toUserView(scope: Scope, user: User, access: Access, now: Date): z.infer<typeof userSchema> {
  const live = access.openRecoveries.find((recovery) => isLive(recovery, now));
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    role: user.role,
    status: user.status,
    title: user.title,
    department: user.department,
    phone: user.phone,
    mobile: user.mobile,
    locale: user.locale,
    time_zone: user.timeZone,
    reports_to: user.reportsTo,
    created_at: user.createdAt.toISOString(),
    last_sign_in_at: user.lastSignInAt?.toISOString() ?? null,
    access: {
      locked_until: access.lockedUntil?.toISOString() ?? null,
      frozen_at: user.frozenAt?.toISOString() ?? null,
      password: access.password === "refused" ? "none" : access.password,
      live_recovery: live ? toRecoverySummary(live, now) : null,
    },
    actions: actionsOn(scope, user, access, now),
  };
}
