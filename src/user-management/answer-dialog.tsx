import type { Context } from "hono";
import type { Child } from "hono/jsx";

import type { FieldFault } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { newNotifications } from "#sessions/answer-acted.tsx";
import { readFrame } from "#sessions/frame.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Page } from "#ui/layout.tsx";
import type { User } from "#users/user.ts";
import { USERS_CRUMBS } from "./users-page.tsx";

interface DialogAnswer {
  readonly title: string;
  readonly user: User;
  readonly children: Child;
  /** What is wrong with what was filled in: the form comes back. */
  readonly faults?: readonly FieldFault[];
  /** Something has to be answered first: the form comes back. */
  readonly asks?: boolean;
  /** Something was done: what is live on the page asks again, and the notification of it is shown. */
  readonly isDone?: boolean;
}

/** Answers what is asked about one user: in the dialog over the page where there is a script, as a page of its own without. */
export async function answerDialog(
  deps: Deps,
  assets: Assets,
  c: Context<SessionEnv>,
  answer: DialogAnswer,
): Promise<Response> {
  const { title, user, children, faults = [], asks = false, isDone = false } = answer;
  const status = faults.length > 0 || asks ? 422 : 200;
  c.header("Cache-Control", "no-store");
  if (c.req.header("HX-Request") !== "true") {
    const address = `/settings/users/${user.id}`;
    const crumbs = [...USERS_CRUMBS, { label: user.name, href: address }, { label: title, href: c.req.path }];
    const frame = await readFrame(deps, assets, c, "settings");
    return c.html(
      <Page frame={frame} title={title} note={user.name} breadcrumb={crumbs}>
        {children}
      </Page>,
      status,
    );
  }
  return c.html(
    <>
      <Dialog title={title} note={user.name}>
        {children}
      </Dialog>
      {isDone && (await newNotifications(deps, c))}
    </>,
    status,
  );
}
