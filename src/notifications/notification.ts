import type { Insertable, Selectable } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { InstanceTables, NotificationKind } from "#platform/database/tables.ts";

/** A notification as a person sees it: the title bold, then the text. */
export interface Notification {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly title: string;
  readonly text: string;
  /** Whom it is about, where the text names nobody: the tray says so, since there it is not plain any more. */
  readonly about: string | null;
  readonly at: Date;
}

type NewNotification = Pick<Notification, "kind" | "title" | "text"> & Partial<Pick<Notification, "about">>;

/** How many notifications the tray keeps within reach. */
const TRAY_LENGTH = 20;

/** Leaves a notification for the acting user, in the transaction of the act that it tells of; the next page shows it. */
export async function notify(tx: Tx, scope: Scope, at: Date, notification: NewNotification): Promise<void> {
  if (scope.actor.type === "user") await notifyUser(tx, scope, at, { userId: scope.actor.id, ...notification });
}

/** The same for somebody else, who sees it on the next page that they open. */
export async function notifyUser(
  tx: Tx,
  scope: Scope,
  at: Date,
  { userId, ...notification }: NewNotification & { readonly userId: string },
): Promise<void> {
  await keep(tx, scope, { user_id: userId, created_at: at, ...notification });
}

/** The acting user is being shown it at this moment, and finds it in the tray from then on. */
export async function keepShown(tx: Tx, scope: Scope, at: Date, notification: NewNotification): Promise<void> {
  if (scope.actor.type !== "user") return;
  await keep(tx, scope, { user_id: scope.actor.id, created_at: at, shown_at: at, ...notification });
}

async function keep(
  tx: Tx,
  { instance }: Scope,
  row: Omit<Insertable<InstanceTables["notifications"]>, "instance_id" | "id">,
): Promise<void> {
  await sendAlong(tx, tx.insertInto("notifications").values({ instance_id: instance.id, id: newId(), ...row }));
}

/** @returns what was not shown yet, oldest first, and marks it shown: a page that is loaded again shows it in the tray only. */
export async function takeUnshownNotifications(tx: Tx, scope: Scope, at: Date): Promise<readonly Notification[]> {
  const rows = await tx
    .updateTable("notifications")
    .set({ shown_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", scope.actor.id)
    .where("shown_at", "is", null)
    .returningAll()
    .execute();
  return rows.map(toNotification).sort((a, b) => a.id.localeCompare(b.id));
}

/** @returns the last notifications of the acting user, newest first. */
export async function listNotifications(tx: Tx, scope: Scope): Promise<readonly Notification[]> {
  const rows = await tx
    .selectFrom("notifications")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", scope.actor.id)
    .orderBy("id", "desc")
    .limit(TRAY_LENGTH)
    .execute();
  return rows.map(toNotification);
}

function toNotification(row: Selectable<InstanceTables["notifications"]>): Notification {
  const { id, kind, title, text, about, created_at: at } = row;
  return { id, kind, title, text, about, at };
}
