import type { ApprovalInput } from "#platform/database/approval-tables.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Instance } from "./instance.ts";

/**
 * Who acts. A user acts with a role, an API key with the permissions that it was given and with the rank of who made it; a
 * stranger has not signed in; the operator sits at the command line; the system is the worker.
 */
export type Actor =
  | {
      readonly type: "user";
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      /** Until when their sign-in counts as a fresh one. */
      readonly freshUntil: Date;
    }
  | {
      readonly type: "api_key";
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      readonly permissions: ReadonlySet<string>;
      readonly madeBy: string;
    }
  | { readonly type: "operator" | "system" | "stranger"; readonly id: null; readonly name: string };

/** Where an act happens and who does it. Every use case that touches an instance's data takes one. */
export interface Scope {
  readonly instance: Instance;
  readonly actor: Actor;
  /** The request that brought the act, where there was one. */
  readonly request: { readonly id: string; readonly sourceAddress: string } | undefined;
  /** What a first administrator asked for, where a second one has approved it and has it done. */
  readonly approved?: ApprovalInput;
  /** What is done is done once under this key, however often it is asked for. */
  readonly once?: { readonly key: string; isClaimed: boolean };
}

/** Hono's variables once the instance is known. Until somebody is signed in, the actor is a stranger. */
export interface InstanceEnv {
  Variables: { requestId: string; scope: Scope };
}

export const STRANGER: Actor = { type: "stranger", id: null, name: "Somebody not signed in" };
export const OPERATOR: Actor = { type: "operator", id: null, name: "Operator" };
export const SYSTEM: Actor = { type: "system", id: null, name: "Rekey" };

/** @returns the scope of what happens in the instance without anybody's asking. */
export function asSystem(instance: Instance): Scope {
  return { instance, actor: SYSTEM, request: undefined };
}

/** @returns the id of the user who acts, or who made the key that does; null where it is nobody with an account. */
export function actingUserId({ actor }: Scope): string | null {
  return actor.type === "api_key" ? actor.madeBy : actor.id;
}
