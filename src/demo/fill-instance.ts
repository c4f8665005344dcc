import type { Instance } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { DAY_MS } from "#lib/clock.ts";
import type { Delivery } from "#mail-delivery/deliver-emails.ts";
import { takeUnshownNotifications } from "#notifications/notification.ts";
import { createInstance } from "#operator/create-instance.ts";
import type { Deps } from "#platform/deps.ts";
import { createUser } from "#user-management/create-user.ts";
import { askFromElsewhere } from "./ask-for-help.ts";
import { namesOf } from "./names.ts";
import type { Person } from "./person.ts";
import { at, liveSideBySide } from "./side-by-side.ts";
import { setPasswordByMail } from "./acts.ts";
import { live } from "./live-story.ts";

interface DemoInstance {
  readonly name: string;
  readonly origin: string;
  readonly mailDomain: string;
  readonly people: readonly Person[];
}

/**
 * An instance with its people, each in the middle of their own story. The stories are lived through the real use cases at the
 * times they tell of, so that every list, timeline and record is what it would be.
 * @param passwordHash of DEMO_PASSWORD.
 */
export async function fillInstance(
  deps: Deps,
  delivery: Delivery,
  of: DemoInstance,
  passwordHash: string,
): Promise<Instance> {
  const longAgo = at(deps, 120 * DAY_MS);
  const [first, ...others] = of.people;
  if (first?.role !== "owner") throw new Error("The first of the demo is the Owner");
  const newcomer = (person: Person) => ({
    ...namesOf(person, of.mailDomain),
    passwordHash: person.story.kind === "invited" ? undefined : passwordHash,
  });
  const { instance, owner } = await createInstance(longAgo, {
    name: of.name,
    origin: of.origin,
    owner: newcomer(first),
  });
  const operator: Scope = { instance, actor: OPERATOR, request: undefined };
  const made = [{ user: owner, person: first }];
  for (const person of others)
    made.push({
      user: await createUser(longAgo, operator, { ...newcomer(person), reportsTo: owner, invite: false }),
      person,
    });
  const admin = made.find(({ person }) => person.role === "admin")?.user;
  if (!admin) throw new Error("Somebody must administer the demo");
  const scope: Scope = {
    ...operator,
    actor: { type: "user", id: admin.id, name: admin.name, role: admin.role, freshUntil: deps.clock.now() },
  };
  for (const { user, person } of made)
    if (person.worksElsewhereToo) await setPasswordByMail(at(deps, 100 * DAY_MS), delivery, scope, user);
  const lives = made.map(({ user, person: { story } }) => live(delivery, scope, { user, story }));
  await liveSideBySide(deps, [...lives, askFromElsewhere(scope)]);
  await deps.db.inInstance(instance.id, (tx) => takeUnshownNotifications(tx, scope, deps.clock.now()));
  return instance;
}
