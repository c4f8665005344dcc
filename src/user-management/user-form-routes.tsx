import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import { trimUnseen } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { Page } from "#ui/layout.tsx";
import { OPENED_VALUES, parseOpenedValues, touchedOf } from "#ui/opened-values.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import { findMissingPermission, grantableRoles, requirePermission } from "#users/permissions.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import { ADDRESS_CHOICES, settleAddress } from "./address-question.tsx";
import { createUser } from "./create-user.ts";
import { getTargetDetails, isAllowed } from "./get-target.ts";
import { updateUser, type UserChanges } from "./update-user.ts";
import { USER_FIELD_NAMES, UserForm, type UserFormValues } from "./user-form.tsx";
import { USERS_CRUMBS } from "./users-page.tsx";

type C = Context<SessionEnv>;

interface Filled {
  readonly values: UserFormValues;
  readonly opened?: Readonly<Record<string, string>>;
  readonly faults: readonly FieldFault[];
  readonly doubt?: AddressDoubt | undefined;
  readonly invite?: boolean;
}

const UNFILLED: UserFormValues = {
  first_name: "",
  last_name: "",
  email: "",
  username: "",
  role: "member",
  title: "",
  department: "",
  phone: "",
  mobile: "",
  time_zone: "",
  locale: "",
  reports_to: "",
};

/** Making and editing a user. */
export function userFormRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/users/new", (c) => askForNew(deps, assets, c, { values: UNFILLED, faults: [] }))
    .post("/settings/users", (c) => create(deps, assets, c))
    .get("/settings/users/:id/edit", (c) => askForChanges(deps, assets, c))
    .post("/settings/users/:id/edit", (c) => save(deps, assets, c));
}

async function askForNew(deps: Deps, assets: Assets, c: C, filled: Filled): Promise<Response> {
  requireSession(c);
  requirePermission(c.var.scope, "users.edit");
  const title = "New User";
  const breadcrumb = [...USERS_CRUMBS, { label: title, href: "/settings/users/new" }];
  const { invitationLifetimeMs } = c.var.scope.instance;
  const form = { action: "/settings/users", returnTo: "/settings/users", roles: rolesFor(c), invitationLifetimeMs };
  return c.html(
    <Page frame={await readFrame(deps, assets, c, "settings")} title={title} breadcrumb={breadcrumb}>
      <UserForm {...form} {...filled} />
    </Page>,
    statusOf(filled),
  );
}

/** What is wrong, or may be, brings the form back. */
function statusOf({ faults, doubt }: Filled): 200 | 422 {
  return faults.length > 0 || doubt ? 422 : 200;
}

async function create(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { invite: invited, ...answers } = await readForm(c, [...USER_FIELD_NAMES, ...ADDRESS_CHOICES, "invite"]);
  const mayCreate = findMissingPermission(c.var.scope, "users.edit") === undefined;
  const { values, doubt } = await settle(deps, c, answers, mayCreate);
  const invite = invited !== "";
  if (doubt) return askForNew(deps, assets, c, { values, faults: [], doubt, invite });
  try {
    const fields = { ...fieldsOf(values), username: values.username || undefined };
    const user = await createUser(deps, c.var.scope, {
      ...fields,
      role: roleOf(values) ?? "member",
      invite,
    });
    return c.redirect(`/settings/users/${user.id}`, 303);
  } catch (error) {
    return askForNew(deps, assets, c, { values, faults: faultsOf(error), invite });
  }
}

async function askForChanges(deps: Deps, assets: Assets, c: C, filled?: Filled): Promise<Response> {
  const { user, superior } = await getTargetDetails(deps, c, "edit");
  const address = `/settings/users/${user.id}`;
  const breadcrumb = [...USERS_CRUMBS, { label: user.name, href: address }, { label: "Edit", href: `${address}/edit` }];
  const form = { action: `${address}/edit`, returnTo: address, roles: rolesFor(c) };
  const values = valuesOf(user, superior);
  const shown = filled ?? { values, opened: values, faults: [] };
  return c.html(
    <Page frame={await readFrame(deps, assets, c, "settings")} title={`Edit ${user.name}`} breadcrumb={breadcrumb}>
      <UserForm {...form} {...shown} />
    </Page>,
    statusOf(shown),
  );
}

async function save(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { [OPENED_VALUES]: text, ...answers } = await readForm(c, [
    ...USER_FIELD_NAMES,
    ...ADDRESS_CHOICES,
    OPENED_VALUES,
  ]);
  const opened = parseOpenedValues(text);
  const userId = c.req.param("id") ?? "";
  const { values, doubt } = await settle(deps, c, answers, await isAllowed(deps, c, "edit"));
  if (doubt) return askForChanges(deps, assets, c, { values, opened, faults: [], doubt });
  const changes = touchedOf(
    { ...fieldsOf(values), role: roleOf(values) },
    namedAsFields(values),
    namedAsFields(opened),
  );
  try {
    await updateUser(deps, c.var.scope, { userId, changes }).catch((error: unknown) =>
      saveWithoutAddress(deps, c, { userId, changes, error }),
    );
    return c.redirect(`/settings/users/${userId}`, 303);
  } catch (error) {
    return askForChanges(deps, assets, c, { values, opened, faults: faultsOf(error) });
  }
}

/** While another administrator decides about the address, everything else is saved. @throws whatever else kept it from being saved */
async function saveWithoutAddress(
  deps: Deps,
  c: C,
  of: { userId: string; changes: UserChanges; error: unknown },
): Promise<void> {
  const { userId, changes, error } = of;
  if (!(error instanceof RekeyError) || error.code !== "approval_required") throw error;
  const { email: _, ...others } = changes;
  await updateUser(deps, c.var.scope, { userId, changes: others });
  const { title, detail: text } = error;
  await deps.db.inInstance(c.var.scope.instance.id, (tx) =>
    notify(tx, c.var.scope, deps.clock.now(), { kind: "info", title, text }),
  );
}

type Answers = UserFormValues & Readonly<Record<(typeof ADDRESS_CHOICES)[number], string>>;

/** @returns the values with the address that was meant, or the doubt that is to be asked about first. */
async function settle(
  deps: Deps,
  c: C,
  answers: Answers,
  mayAsk: boolean,
): Promise<{ values: UserFormValues; doubt: AddressDoubt | undefined }> {
  const { email_instead: _, email_is_right: __, ...values } = answers;
  const { email, doubt } = await settleAddress(deps, c.var.scope, answers, mayAsk);
  return { values: { ...values, email }, doubt };
}

/** Changing a role is a permission of its own; nobody grants one above theirs. */
function rolesFor(c: C): readonly { value: string; label: string }[] {
  if (findMissingPermission(c.var.scope, "users.change_role")) return [];
  return grantableRoles(c.var.scope).map((role) => ({ value: role, label: ROLES[role].label }));
}

function roleOf({ role }: UserFormValues) {
  return ROLE_NAMES.find((name) => name === role);
}

function fieldsOf(values: UserFormValues) {
  const { first_name: firstName, last_name: lastName, time_zone: timeZone, role: _, ...others } = values;
  const superior = trimUnseen(values.reports_to);
  return { ...others, firstName, lastName, timeZone, reportsTo: superior === "" ? null : { identifier: superior } };
}

/** By the names that the changes have: `first_name` is `firstName`. */
function namedAsFields(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const toField = (name: string): string => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [toField(name), value]));
}

function valuesOf(user: User, superior: User | undefined): UserFormValues {
  return {
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    username: user.username,
    role: user.role,
    title: user.title ?? "",
    department: user.department ?? "",
    phone: user.phone ?? "",
    mobile: user.mobile ?? "",
    time_zone: user.timeZone ?? "",
    locale: user.locale ?? "",
    reports_to: superior?.username ?? "",
  };
}

/** What is wrong with a field is shown beside it; everything else is thrown on. */
function faultsOf(error: unknown): readonly FieldFault[] {
  if (error instanceof RekeyError) {
    const { code, title, detail } = error;
    const field = FIELD_OF[code];
    if (field) return [{ field, code, detail: `${title} ${detail}` }];
  }
  return fieldFaultsOf(error);
}

/** Refusals that are about one field, though the API has a code of its own for them. */
const FIELD_OF: Readonly<Record<string, string>> = {
  email_taken: "email",
  username_taken: "username",
  last_owner: "role",
};
