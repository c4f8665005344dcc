import { type Context, Hono } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";

import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { answerChanged } from "#sessions/answer-acted.tsx";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { findAssignees } from "#tickets/find-assignees.ts";
import { countTicketsOf } from "#tickets/hand-over-tickets.ts";
import type { Assets } from "#ui/assets.ts";
import { faultOf } from "#ui/form-fault.tsx";
import { SelectField } from "#ui/select-field.tsx";
import type { User } from "#users/user.ts";
import { ActForm } from "./act-form.tsx";
import { readActedFrom } from "./acted-from.tsx";
import { answerDialog } from "./answer-dialog.tsx";
import { deactivateUser } from "./deactivate-user.ts";
import { getTarget } from "./get-target.ts";

type C = Context<SessionEnv>;

const DEACTIVATE = "Deactivate";

/** Deactivating a user, and to whom their tickets go. */
export function deactivateRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/users/:id/deactivate", (c) => ask(deps, assets, c, { reassignTo: "", faults: [] }))
    .post("/settings/users/:id/deactivate", async (c) => {
      requireSession(c);
      const userId = c.req.param("id");
      const { reassign_to: reassignTo } = await readForm(c, ["reassign_to"]);
      try {
        await deactivateUser(deps, c.var.scope, { userId, reassignTo: reassignTo || undefined });
        return answerChanged(c, `/settings/users/${userId}`);
      } catch (error) {
        return ask(deps, assets, c, { reassignTo, faults: fieldFaultsOf(error) });
      }
    });
}

async function ask(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { reassignTo: string; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "deactivate");
  const { scope } = c.var;
  const { tickets, assignees } = await deps.db.inInstance(scope.instance.id, async (tx) => ({
    tickets: await countTicketsOf(tx, scope, user.id),
    assignees: await findAssignees(tx, scope),
  }));
  const others = assignees.filter(({ id }) => id !== user.id);
  const children = (
    <ActForm
      action={`/settings/users/${user.id}/deactivate`}
      from={await readActedFrom(c, user.id)}
      label={DEACTIVATE}
      faults={form.faults}
      danger
    >
      <p>
        {user.firstName} is signed out everywhere and can no longer sign in; links and temporary passwords stop working.
        Nothing is deleted, and you can reactivate {user.firstName} at any time.
      </p>
      {tickets > 0 && <HandOver user={user} tickets={tickets} others={others} {...form} />}
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: DEACTIVATE, user, children, faults: form.faults });
}

interface HandOverProps {
  readonly user: User;
  readonly tickets: number;
  readonly others: readonly User[];
  readonly reassignTo: string;
  readonly faults: readonly FieldFault[];
}

/** The button stays grey until somebody is chosen, which the style sheet sees to. */
function HandOver({ user, tickets, others, reassignTo, faults }: HandOverProps): JSX.Element {
  const people = others.map(({ id, name }) => ({ value: id, label: name }));
  const what = tickets === 1 ? "the open ticket" : `the ${tickets} open tickets`;
  return (
    <div class="needs-choice">
      <SelectField
        name="reassign_to"
        label={`Who takes over ${what} of ${user.firstName}?`}
        choices={[{ value: "", label: "Choose …" }, ...people]}
        value={reassignTo}
        fault={faultOf(faults, "reassign_to")}
        required
      />
    </div>
  );
}
