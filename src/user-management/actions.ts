import { requireNoTakeover, requireSettledAddress } from "#approvals/second-administrator.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { suppressionWords } from "#mail-delivery/suppressed-address.ts";
import { requireCopiedLinks } from "#recovery/copy-reset-link.ts";
import { requireLinkToHelp } from "#recovery/issue-reset-link.ts";
import { findMissingPermission, findReasonNotToActOn } from "#users/permissions.ts";
import type { Permission } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import type { Access } from "./access.ts";

/** Whether the actor may do something to a user now, and if not, why and what to do first. */
interface Action {
  readonly allowed: boolean;
  readonly reason: string | null;
}

export interface Actions {
  readonly send_reset_link: Action;
  readonly correct_and_send: Action;
  readonly change_password: Action;
  readonly require_new_password: Action;
  readonly enable_login: Action;
  readonly thaw: Action;
  readonly copy_reset_link: Action;
  readonly end_sessions: Action;
  readonly deactivate: Action;
  readonly reactivate: Action;
  readonly edit: Action;
}

/** @returns every action on the user. Menus and API draw from this; the use cases ask the same guards again. */
export function actionsOn(scope: Scope, user: User, access: Access, now: Date): Actions {
  const may = (permission: Permission): string | undefined =>
    findMissingPermission(scope, permission) ?? findReasonNotToActOn(scope, user);
  const recoveryBy = (permission: Permission): Action =>
    allowedUnless(may(permission) ?? refusalOf(() => requireLinkToHelp(user)));
  const byMail = (action: Action): Action =>
    action.allowed && access.suppressed ? allowedUnless(suppressionWords(access.suppressed)) : action;
  const isInactive = user.status === "inactive";
  return {
    send_reset_link: byMail(recoveryBy("recovery.send_link")),
    correct_and_send: allowedUnless(
      may("recovery.send_link") ?? may("users.edit") ?? refusalOf(() => requireLinkToHelp(user)),
    ),
    change_password: recoveryBy("recovery.set_temporary_password"),
    require_new_password:
      access.password === "none" ? needsPassword(may) : byMail(recoveryBy("recovery.set_temporary_password")),
    enable_login: allowedUnless(
      may("users.enable_login") ?? (access.lockedUntil ? undefined : new RekeyError("not_locked").title),
    ),
    thaw: allowedUnless(
      may("recovery.set_temporary_password") ?? (user.frozenAt ? undefined : new RekeyError("not_frozen").title),
    ),
    copy_reset_link: allowedUnless(
      may("recovery.copy_link") ??
        refusalOf(() => {
          requireCopiedLinks(scope);
          requireNoTakeover(scope, user);
          requireLinkToHelp(user);
          requireSettledAddress(scope, user, now);
        }),
    ),
    end_sessions: allowedUnless(may("users.end_sessions")),
    deactivate: allowedUnless(may("users.edit") ?? (isInactive ? "This user is inactive already." : undefined)),
    reactivate: allowedUnless(may("users.edit") ?? (isInactive ? undefined : "This user is active.")),
    edit: allowedUnless(may("users.edit")),
  };
}

/** Whoever never had a password cannot be asked for a new one. */
function needsPassword(may: (permission: Permission) => string | undefined): Action {
  const { detail } = new RekeyError("no_password_yet");
  return allowedUnless(may("recovery.set_temporary_password") ?? detail);
}

function allowedUnless(reason: string | undefined): Action {
  return { allowed: reason === undefined, reason: reason ?? null };
}

function refusalOf(guard: () => void): string | undefined {
  try {
    guard();
    return undefined;
  } catch (error) {
    if (error instanceof RekeyError) return error.detail;
    throw error;
  }
}
