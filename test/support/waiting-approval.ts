import { requestApproval } from "#approvals/approval.ts";
import type { TestInstance } from "./rekey.ts";

/** @returns the id of what waits for a second administrator: an Admin asks that somebody needs a new password, another one unless told. */
export async function waitingApproval(of: TestInstance, given?: { readonly id: string }): Promise<string> {
  const asker = await of.addUser({ role: "admin" });
  const target = given ?? (await of.addUser({ role: "admin" }));
  const freshUntil = of.deps.clock.now();
  const scope = { ...of.scope, actor: { type: "user", ...asker, freshUntil } } as const;
  const wanted = { act: "require_new_password", userId: target.id, input: { reason: "Security update" } } as const;
  const { id } = await of.deps.db.inInstance(of.instance.id, (tx) => requestApproval(tx, scope, freshUntil, wanted));
  return id;
}
