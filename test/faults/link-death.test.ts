import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS, HOUR_MS } from "#lib/clock.ts";
import { resumeInstance, suspendInstance } from "#operator/suspend-instance.ts";
import type { CookieJar } from "../support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import {
  codeOf,
  idIn,
  type LinkOrigin,
  mailLink,
  openLink,
  ORIGINS,
  redeem,
  redeemOnPage,
} from "../support/reset-link.ts";

const rekey = await testRekey();

interface Person {
  readonly oak: TestInstance;
  readonly user: TestUser;
  readonly admin: CookieJar;
  readonly origin: LinkOrigin;
}

/** What kills a link, and how its death is told. */
const DEATHS: readonly {
  sentence: string;
  code: string;
  status: number;
  kill(person: Person, token: string): Promise<void>;
}[] = [
  {
    sentence: "its own use",
    code: "link_used",
    status: 409,
    kill: async ({ oak }, token) => assert.equal((await redeem(oak, token)).status, 204),
  },
  {
    sentence: "its use on the page",
    code: "link_used",
    status: 409,
    kill: async ({ oak }, token) => assert.equal((await redeemOnPage(oak, token)).status, 303),
  },
  {
    sentence: "being revoked",
    code: "link_revoked",
    status: 410,
    kill: async ({ oak, admin }, token) => {
      const revoked = await oak.api("DELETE", `/recoveries/${idIn(token)}`, { cookies: admin });
      assert.equal(revoked.status, 204);
    },
  },
  {
    sentence: "a password change by a later link",
    code: "link_expired",
    status: 410,
    kill: async (person) => {
      rekey.clock.advance(person.origin === "invitation" ? 4 * DAY_MS : 2 * HOUR_MS);
      const admin = await person.oak.asOwner();
      const later = await mailLink(person.oak, person.origin, { user: person.user, admin });
      assert.equal((await redeem(person.oak, later)).status, 204);
    },
  },
  {
    sentence: "a temporary password",
    code: "link_revoked",
    status: 410,
    kill: ({ oak, user, admin }) => act(oak, admin, `POST /users/${user.id}/temporary-password`, GENERATED),
  },
  {
    sentence: "a change of the address",
    code: "link_revoked",
    status: 410,
    kill: ({ oak, user, admin }) => act(oak, admin, `PATCH /users/${user.id}`, { email: "other@oak.example" }),
  },
  {
    sentence: "deactivation, and reactivation does not revive it",
    code: "link_revoked",
    status: 410,
    kill: async ({ oak, user, admin }) => {
      await act(oak, admin, `POST /users/${user.id}/deactivate`, {});
      await act(oak, admin, `POST /users/${user.id}/reactivate`, {});
    },
  },
  {
    sentence: "the role No Access, and a better one does not revive it",
    code: "link_revoked",
    status: 410,
    kill: async ({ oak, user, admin }) => {
      await act(oak, admin, `PATCH /users/${user.id}`, { role: "no_access" });
      await act(oak, admin, `PATCH /users/${user.id}`, { role: "member" });
    },
  },
  {
    sentence: "suspension of the instance, and resuming does not revive it",
    code: "link_revoked",
    status: 410,
    kill: async ({ oak }) => {
      await suspendInstance(oak.deps, oak.instance);
      await resumeInstance(oak.deps, oak.instance);
    },
  },
];

const GENERATED = { mode: "generated", verification: { method: "in_person" } };

async function act(oak: TestInstance, cookies: CookieJar, call: string, json: object): Promise<void> {
  const [method = "", target = ""] = call.split(" ");
  const answer = await oak.api(method, target, { json, cookies });
  assert(answer.status === 200 || answer.status === 201, answer.text);
}

suite("T6: a reset link dies", () => {
  for (const origin of ORIGINS) {
    for (const { sentence, code, status, kill } of DEATHS) {
      test(`with ${sentence}, when it was made by ${origin}`, async () => {
        const person = await personWithLink(origin);
        const { oak, token } = person;
        assert.equal((await openLink(oak, token)).status, 200, "it lives");
        await kill(person, token);
        const [posted, onPage, opened] = [
          await redeem(oak, token),
          await redeemOnPage(oak, token),
          await openLink(oak, token),
        ];
        assert.equal(codeOf(posted), code);
        assert.deepEqual([posted.status, onPage.status, opened.status], [status, status, status]);
        assert(!opened.text.includes("new_password"), "no form is shown");
      });
    }
  }
});

async function personWithLink(origin: LinkOrigin): Promise<Person & { token: string }> {
  const oak = await rekey.createInstance();
  const [user, admin] = [await oak.addUser(origin === "invitation" ? { password: null } : {}), await oak.asOwner()];
  return { oak, user, admin, origin, token: await mailLink(oak, origin, { user, admin }) };
}
