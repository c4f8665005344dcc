import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Answer, CookieJar } from "../support/http.ts";
import { DRIVER_FAULTS, isCommit, withDriverFault } from "../support/driver-faults.ts";
import { times } from "../support/numbers.ts";
import { untilQuiet } from "../support/quiet.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { rowsOf } from "../support/tables.ts";

const rekey = await testRekey();

type Click = (oak: TestInstance, user: TestUser, cookies: CookieJar) => Promise<Answer>;

const CLICKS: Readonly<Record<string, Click>> = {
  "the page": (oak, user, cookies) =>
    oak.request(`/settings/users/${user.id}/reset-links`, {
      form: { return_to: "/settings/users" },
      headers: { "HX-Request": "true" },
      cookies,
    }),
  "the API": (oak, user, cookies) => oak.request(`/api/v1/users/${user.id}/reset-links`, { json: {}, cookies }),
  "the page that corrects an address": (oak, user, cookies) =>
    oak.request(`/settings/users/${user.id}/correct-and-send`, {
      form: { email: `right.${user.email}` },
      headers: { "HX-Request": "true" },
      cookies,
    }),
};

suite("A10: the green notification is true", () => {
  for (const [where, click] of Object.entries(CLICKS)) {
    test(`A10 through ${where}, whatever goes wrong at whichever statement`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const { statements } = await strike({ statement: 0, fault: async (_client, run) => run() });
      const outcomes = new Map<string, number>();
      for (const struck of strikesAt(statements)) {
        const { outcome, statements: done } = await strike(struck);
        assert(done.length >= struck.statement, `${struck.kind} at statement ${struck.statement} struck`);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      console.log(`    ${statements.length} statements: ${JSON.stringify(Object.fromEntries(outcomes))}`);
      assert(outcomes.has("error 503, no mail"), "some were struck before the commit");
      assert(outcomes.has("error 503, the mail waits"), "and some after it");

      /** One click on somebody new while a statement goes wrong, and again when nothing does. */
      async function strike({ statement, fault }: Pick<Strike, "statement" | "fault">) {
        const user = await oak.addUser({ password: null });
        await untilQuiet(oak);
        const before = await count(oak, user);
        const plan = { instanceId: oak.instance.id, statement, fault };
        const { result: answer, statements: made } = await withDriverFault(plan, () => click(oak, user, admin));
        const after = await count(oak, user);
        requireTrue(answer, { mails: after.mails, notifications: after.notifications - before.notifications });
        if (after.mails === 0) assert(isGreen(await click(oak, user, admin)), "it works again");
        const told = isGreen(answer) ? "green" : `error ${answer.status}`;
        return { outcome: `${told}, ${after.mails === 0 ? "no mail" : "the mail waits"}`, statements: made };
      }
    });
  }
});

interface Strike {
  readonly statement: number;
  readonly kind: string;
  readonly fault: (typeof DRIVER_FAULTS)[string];
}

/** @returns every kind of fault at every statement twice over, some 600 in all; quickly, all of them at the commits and some elsewhere. */
function strikesAt(statements: readonly string[]): readonly Strike[] {
  const all = statements.flatMap((_, index) =>
    Object.entries(DRIVER_FAULTS).map(([kind, fault]) => ({ statement: index + 1, kind, fault })),
  );
  const few = all.filter(({ statement }, index) => isCommit(statements[statement - 1] ?? "") || index % EVERY === 0);
  return times({ quick: 1, full: 2 }) === 2 ? [...all, ...all] : few;
}

/** Has no factor in common with the number of kinds, so that each of them comes up. */
const EVERY = 7;

/** No green without a durable mail, no mail without a notification or an error that says what to do. */
function requireTrue(answer: Answer, made: { mails: number; notifications: number }): void {
  const { mails, notifications } = made;
  assert(mails <= 1 && notifications <= 1, JSON.stringify(made));
  if (isGreen(answer)) assert.deepEqual(made, { mails: 1, notifications: 1 }, "green");
  else {
    assert(answer.status >= 500, `${answer.status} ${answer.text}`);
    assert.match(answer.text, /[Tt]ry again/, "the error says what to do");
  }
  if (notifications === 1) assert.equal(mails, 1, "a notification without a durable mail");
  if (mails === 1) assert(!/[Nn]othing was (changed|done)/.test(answer.text), "an error that denies what was done");
}

function isGreen({ status }: Answer): boolean {
  return status < 400;
}

async function count(oak: TestInstance, user: TestUser): Promise<{ mails: number; notifications: number }> {
  const [emails, notifications] = [await rowsOf(oak, "emails"), await rowsOf(oak, "notifications")];
  const mails = emails.filter(({ kind, user_id: id }) => kind === "reset_link" && id === user.id);
  return { mails: mails.length, notifications: notifications.length };
}
