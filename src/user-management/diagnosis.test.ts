import assert from "node:assert/strict";
import { afterEach, suite, test } from "node:test";

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { freeze } from "../../test/support/frozen-user.ts";
import { CookieJar, type Answer } from "../../test/support/http.ts";
import { lockOut } from "../../test/support/lock-out.ts";
import type { Newcomer } from "../../test/support/newcomer.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { bounceLink } from "../../test/support/report-mail.ts";
import { openLink, redeem, setByMail } from "../../test/support/reset-link.ts";
import { suppressedAddress } from "../../test/support/suppressed-address.ts";
import { untilIdle } from "../../test/support/tables.ts";
import { CAUSE_CODES, type CauseCode } from "./cause.ts";

const rekey = await testRekey();

const ALLOWED = 10;
const HARD_BOUNCE = "Postfix, no such user";
const SOFT_BOUNCE = "mailbox full";

/** As `GET /users/{id}/diagnosis` tells it. */
interface Told {
  readonly cause: CauseCode;
  readonly title: string;
  readonly detail: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly tried: string | null;
  readonly fix: { readonly action: string; readonly allowed: boolean; readonly reason: string | null } | null;
}

/** Maria, and what happens to her. */
class Account {
  readonly oak: TestInstance;
  readonly maria: TestUser;

  constructor(oak: TestInstance, maria: TestUser) {
    this.oak = oak;
    this.maria = maria;
  }

  /** The Owner asks for something that is done. */
  async act(method: string, path: string, json?: object): Promise<Answer> {
    const cookies = await this.oak.asOwner();
    const target = `/users/${this.maria.id}${path}`;
    const answer = await this.oak.api(method, target, { cookies, ...(json && { json }) });
    assert(answer.status < 300, answer.text);
    return answer;
  }

  async send(): Promise<string> {
    return this.oak.mailedToken(this.maria, await this.oak.asOwner());
  }

  /** A link is asked for, and the mail server answers the mail like this. */
  async sendTo(answer: string): Promise<void> {
    rekey.sink.answer(({ verb }) => (verb === "RCPT" ? answer : undefined));
    await this.act("POST", "/reset-links", {});
    while ((await this.#lastEvent()) === "queued") await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async bounce(sample: string): Promise<void> {
    await this.send();
    await bounceLink(rekey, this.oak, this.maria, sample);
  }

  async requireNew(): Promise<void> {
    await this.act("POST", "/require-new-password", {});
    await untilIdle(this.oak);
  }

  async setTemporary(): Promise<string> {
    const json = { mode: "generated", verification: { method: "in_person", note: "" } };
    return ((await this.act("POST", "/temporary-password", json)).json() as { password: string }).password;
  }

  /** Somebody tries to get in with this name, and cannot. */
  async fail(times = 1, identifier = this.maria.username, password = "not quite right"): Promise<void> {
    for (let time = 1; time <= times; time += 1) {
      const answer = await this.oak.api("POST", "/session", { json: { identifier, password } });
      assert.equal(answer.status, 401, answer.text);
    }
  }

  /** The Owner administers another instance too, and somebody tries to get in as her there. */
  async failElsewhere(): Promise<void> {
    const { owner } = this.oak;
    const pine = await rekey.createInstance("Pine House");
    await setByMail(this.oak, owner, owner.password);
    await setByMail(pine, await pine.addUser({ email: owner.email, role: "admin" }), owner.password);
    await new Account(pine, this.maria).fail();
  }

  async signIn(password?: string): Promise<void> {
    await this.oak.signIn(this.maria, password);
  }

  pass(ms: number): void {
    rekey.clock.advance(ms);
  }

  async diagnosis(by = this.oak.owner): Promise<readonly Told[]> {
    const answer = await this.oak.api("GET", `/users/${this.maria.id}/diagnosis`, {
      cookies: await this.oak.signIn(by),
    });
    assert.equal(answer.status, 200, answer.text);
    return (answer.json() as { items: Told[] }).items;
  }

  async #lastEvent(): Promise<string | undefined> {
    const cookies = await this.oak.asOwner();
    const answer = await this.oak.api("GET", `/recoveries?user_id=${this.maria.id}`, { cookies });
    const { items } = answer.json() as { items: { timeline: { event: string }[] }[] };
    return items[0]?.timeline.at(-1)?.event;
  }
}

/** An account as it was prepared, with its true cause and whatever else is told beneath. */
interface Prepared {
  readonly account: string;
  readonly causes: readonly [CauseCode, ...CauseCode[]];
  readonly fix: string | null;
  readonly given?: Newcomer;
  prepare(account: Account): Promise<unknown>;
}

const NEVER_SET: Newcomer = { password: null };

const ACCOUNTS: readonly Prepared[] = [
  {
    account: "was deactivated",
    causes: ["inactive"],
    fix: "reactivate",
    prepare: (a) => a.act("POST", "/deactivate", {}),
  },
  {
    account: "was deactivated and mistyped the password before",
    causes: ["inactive", "wrong_password"],
    fix: "reactivate",
    prepare: async (a) => [await a.fail(2), await a.act("POST", "/deactivate", {})],
  },
  {
    account: "was deactivated while locked",
    causes: ["inactive", "locked"],
    fix: "reactivate",
    prepare: async (a) => [await lockOut(a.oak, a.maria.id), await a.act("POST", "/deactivate", {})],
  },
  {
    account: "was given the role No Access",
    causes: ["no_access"],
    fix: "edit",
    prepare: (a) => a.act("PATCH", "", { role: "no_access" }),
  },
  {
    account: "was given the role No Access after a link",
    causes: ["no_access", "wrong_password"],
    fix: "edit",
    prepare: async (a) => [await a.send(), await a.act("PATCH", "", { role: "no_access" }), await a.fail()],
  },
  { account: "is frozen", causes: ["frozen"], fix: "thaw", prepare: (a) => freeze(a.oak, a.maria.id) },
  {
    account: "is frozen, and somebody guesses",
    causes: ["frozen", "wrong_password"],
    fix: "thaw",
    prepare: async (a) => [await freeze(a.oak, a.maria.id), await a.fail(3)],
  },
  {
    account: "is frozen and inactive",
    causes: ["inactive", "frozen"],
    fix: "reactivate",
    prepare: async (a) => [await a.act("POST", "/deactivate", {}), await freeze(a.oak, a.maria.id)],
  },
  {
    account: "mistyped ten times",
    causes: ["locked", "wrong_password"],
    fix: "enable_login",
    prepare: (a) => a.fail(ALLOWED),
  },
  {
    account: "is locked, with a link waiting",
    causes: ["locked", "link_unopened"],
    fix: "enable_login",
    prepare: async (a) => [await a.send(), await lockOut(a.oak, a.maria.id)],
  },
  {
    account: "is locked, and the mail came back",
    causes: ["locked", "mail_bounced"],
    fix: "enable_login",
    prepare: async (a) => [await a.bounce(SOFT_BOUNCE), await lockOut(a.oak, a.maria.id)],
  },
  {
    account: "is locked, and was mistyped as well",
    causes: ["locked", "wrong_user_name"],
    fix: "enable_login",
    prepare: async (a) => [await lockOut(a.oak, a.maria.id), await a.fail(1, "maria.gonzales")],
  },
  {
    account: "is locked, with a temporary password",
    causes: ["locked", "must_change_password"],
    fix: "enable_login",
    prepare: async (a) => [await a.setTemporary(), await lockOut(a.oak, a.maria.id)],
  },
  {
    account: "is locked, though the old password is refused anyway",
    causes: ["new_password_required", "locked", "link_unopened"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.requireNew(), await lockOut(a.oak, a.maria.id)],
  },
  {
    account: "was locked until a minute ago",
    causes: ["wrong_password"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(ALLOWED), a.pass(HOUR_MS + MINUTE_MS)],
  },
  {
    account: "was locked, until somebody enabled login",
    causes: ["wrong_password"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(ALLOWED), await a.act("POST", "/enable-login", {})],
  },
  {
    account: "was never invited",
    causes: ["never_accepted"],
    fix: "send_reset_link",
    given: NEVER_SET,
    prepare: async () => undefined,
  },
  {
    account: "has an invitation waiting",
    causes: ["never_accepted", "link_unopened"],
    fix: "send_reset_link",
    given: NEVER_SET,
    prepare: (a) => a.send(),
  },
  {
    account: "let the invitation expire",
    causes: ["link_expired", "never_accepted"],
    fix: "send_reset_link",
    given: NEVER_SET,
    prepare: async (a) => [await a.send(), a.pass(4 * DAY_MS)],
  },
  {
    account: "was invited at an address that nobody has",
    causes: ["mail_bounced", "never_accepted"],
    fix: "correct_and_send",
    given: NEVER_SET,
    prepare: (a) => a.bounce(HARD_BOUNCE),
  },
  {
    account: "was invited, and the server refused the mail",
    causes: ["mail_refused", "never_accepted"],
    fix: "correct_and_send",
    given: NEVER_SET,
    prepare: (a) => a.sendTo("550 5.7.1 We do not know you"),
  },
  {
    account: "tries to sign in without having accepted the invitation",
    causes: ["never_accepted"],
    fix: "send_reset_link",
    given: NEVER_SET,
    prepare: (a) => a.fail(3),
  },
  {
    account: "must set a new password, and the link waits",
    causes: ["new_password_required", "link_unopened"],
    fix: "send_reset_link",
    prepare: (a) => a.requireNew(),
  },
  {
    account: "must set a new password, and the link has expired",
    causes: ["link_expired", "new_password_required"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.requireNew(), a.pass(2 * HOUR_MS)],
  },
  {
    account: "must set a new password, and uses the old one",
    causes: ["new_password_required", "link_unopened"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.requireNew(), await a.fail(2, undefined, a.maria.password)],
  },
  {
    account: "did not use the temporary password within a day",
    causes: ["temporary_password_expired"],
    fix: "change_password",
    prepare: async (a) => [await a.setTemporary(), a.pass(DAY_MS + MINUTE_MS)],
  },
  {
    account: "was locked by trying the expired temporary password",
    causes: ["temporary_password_expired", "locked"],
    fix: "change_password",
    prepare: async (a) => {
      const password = await a.setTemporary();
      a.pass(DAY_MS + MINUTE_MS);
      await a.fail(ALLOWED, undefined, password);
    },
  },
  {
    account: "has a temporary password and has not used it",
    causes: ["must_change_password"],
    fix: "change_password",
    prepare: (a) => a.setTemporary(),
  },
  {
    account: "came in with the temporary password and did not change it",
    causes: ["must_change_password"],
    fix: "change_password",
    prepare: async (a) => a.signIn(await a.setTemporary()),
  },
  {
    account: "types the former password instead of the temporary one",
    causes: ["must_change_password", "wrong_password"],
    fix: "change_password",
    prepare: async (a) => [await a.setTemporary(), await a.fail(2, undefined, a.maria.password)],
  },
  {
    account: "has a full mailbox",
    causes: ["mail_bounced"],
    fix: "correct_and_send",
    prepare: (a) => a.bounce(SOFT_BOUNCE),
  },
  {
    account: "has an address that nobody has",
    causes: ["mail_bounced"],
    fix: "correct_and_send",
    prepare: (a) => a.bounce(HARD_BOUNCE),
  },
  {
    account: "has an address that nobody has, and goes on guessing",
    causes: ["mail_bounced", "wrong_password"],
    fix: "correct_and_send",
    prepare: async (a) => [await a.bounce(HARD_BOUNCE), a.pass(MINUTE_MS), await a.fail(2)],
  },
  {
    account: "forgot the password, and mails to them come back",
    causes: ["address_suppressed", "wrong_password"],
    fix: "correct_and_send",
    prepare: async (a) => [await suppressedAddress(a.oak, a.maria.email), await a.fail(2)],
  },
  {
    account: "has a server that refuses the mail",
    causes: ["mail_refused"],
    fix: "correct_and_send",
    prepare: (a) => a.sendTo("554 5.7.1 Message rejected"),
  },
  {
    account: "has a server that puts the mail off",
    causes: ["mail_not_accepted"],
    fix: "change_password",
    prepare: async (a) => [await a.sendTo("451 4.7.1 Greylisted, try again later"), a.pass(4 * MINUTE_MS)],
  },
  {
    account: "was sent a link this moment",
    causes: ["mail_on_its_way"],
    fix: null,
    prepare: (a) => a.sendTo("451 4.3.0 Try again later"),
  },
  {
    account: "has not opened the link",
    causes: ["link_unopened"],
    fix: "send_reset_link",
    prepare: (a) => a.send(),
  },
  {
    account: "goes on guessing while the link waits",
    causes: ["link_unopened", "wrong_password"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(2), await a.send(), a.pass(MINUTE_MS), await a.fail(2)],
  },
  {
    account: "has a scanner that opened the link",
    causes: ["link_opened_by_machine"],
    fix: "send_reset_link",
    prepare: async (a) => {
      const options = { headers: { "sec-purpose": "prefetch" }, cookies: new CookieJar() };
      return openLink(a.oak, await a.send(), options);
    },
  },
  {
    account: "opened the link and stopped there",
    causes: ["link_opened"],
    fix: "send_reset_link",
    prepare: async (a) => openLink(a.oak, await a.send()),
  },
  {
    account: "let the link expire",
    causes: ["link_expired", "wrong_password"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(), await a.send(), a.pass(2 * HOUR_MS), await untilIdle(a.oak)],
  },
  {
    account: "guesses after the link has expired",
    causes: ["wrong_password", "link_expired"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.send(), a.pass(2 * HOUR_MS), await a.fail()],
  },
  {
    account: "set a new password and has not used it",
    causes: ["password_unused"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(3), await redeem(a.oak, await a.send())],
  },
  {
    account: "set a new password and types the former one",
    causes: ["wrong_password", "password_unused"],
    fix: "send_reset_link",
    prepare: async (a) => [await redeem(a.oak, await a.send()), await a.fail(2, undefined, a.maria.password)],
  },
  {
    account: "forgot the password",
    causes: ["wrong_password"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.signIn(), a.pass(MINUTE_MS), await a.fail(3)],
  },
  {
    account: "mistypes the user name",
    causes: ["wrong_user_name"],
    fix: "send_reset_link",
    prepare: (a) => a.fail(2, "Maria.Gonzales"),
  },
  {
    account: "mistypes the address",
    causes: ["wrong_user_name"],
    fix: "send_reset_link",
    prepare: (a) => a.fail(1, a.maria.email.replace("example", "exmaple")),
  },
  {
    account: "signs in with an address elsewhere",
    causes: ["wrong_user_name"],
    fix: "send_reset_link",
    prepare: (a) => a.fail(1, "maria.gonzalez@gmail.example"),
  },
  {
    account: "mistypes the user name after a link was sent",
    causes: ["wrong_user_name", "link_unopened"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.send(), a.pass(MINUTE_MS), await a.fail(1, "mariagonzalez")],
  },
  {
    account: "mistyped the user name and was sent a link",
    causes: ["link_unopened", "wrong_user_name"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(1, "mariagonzalez"), a.pass(MINUTE_MS), await a.send()],
  },
  {
    account: "tried at another company's instance",
    causes: ["wrong_instance"],
    fix: "send_reset_link",
    prepare: (a) => a.failElsewhere(),
  },
  {
    account: "tried at another company's instance after a link was sent",
    causes: ["wrong_instance", "link_unopened"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.send(), a.pass(MINUTE_MS), await a.failElsewhere()],
  },
  {
    account: "is in, after a few mistakes",
    causes: ["signed_in"],
    fix: null,
    prepare: async (a) => [await a.fail(3), await a.fail(1, "mariagonzalez"), await a.signIn()],
  },
  {
    account: "remembered the old password after a link was sent",
    causes: ["signed_in"],
    fix: null,
    prepare: async (a) => [await a.send(), a.pass(MINUTE_MS), await a.signIn()],
  },
  {
    account: "is in, though no mail reaches them",
    causes: ["signed_in"],
    fix: null,
    prepare: async (a) => [await suppressedAddress(a.oak, a.maria.email), await a.signIn()],
  },
  {
    account: "was last seen a month ago",
    causes: ["no_recent_attempt"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(), await a.signIn(), a.pass(30 * DAY_MS)],
  },
  {
    account: "never tried",
    causes: ["no_recent_attempt"],
    fix: "send_reset_link",
    prepare: async () => undefined,
  },
  {
    account: "mistyped two days ago",
    causes: ["no_recent_attempt"],
    fix: "send_reset_link",
    prepare: async (a) => [await a.fail(2), await a.fail(1, "mariagonzalez"), a.pass(2 * DAY_MS)],
  },
  {
    account: "was reactivated after an attempt and has not tried again",
    causes: ["not_tried_again"],
    fix: null,
    prepare: async (a) => {
      await a.act("POST", "/deactivate", {});
      await a.fail(1, undefined, a.maria.password);
      await a.act("POST", "/reactivate", {});
    },
  },
  {
    account: "must set a new password at an address that was just changed",
    causes: ["address_held", "new_password_required"],
    fix: "send_reset_link",
    prepare: async (a) => {
      await redeem(a.oak, await a.send());
      await a.act("POST", "/require-new-password", {});
      await a.act("PATCH", "", { email: `new.${a.maria.email}` });
    },
  },
  {
    account: "has the number of a colleague who does not exist",
    causes: ["no_recent_attempt"],
    fix: "send_reset_link",
    given: { username: "counselor17" },
    prepare: (a) => a.fail(1, "counselor18"),
  },
];

suite("Why can this person not sign in?", () => {
  afterEach(() => rekey.sink.clear());

  for (const { account, causes, fix, given, prepare } of ACCOUNTS)
    test(`the true cause stands first, with what cures it, where somebody ${account}`, async () => {
      const prepared = await newAccount(given);
      await prepare(prepared);
      const told = await prepared.diagnosis();
      assert.deepEqual(
        told.map(({ cause }) => cause),
        causes,
      );
      assert.equal(told[0]?.fix?.action ?? null, fix);
      assert(
        told.every(({ title, detail }) => title && detail.endsWith(".")),
        JSON.stringify(told),
      );
    });

  test("is proved on forty accounts at least, with every cause first in one of them", () => {
    assert(ACCOUNTS.length >= 40);
    assert.deepEqual(new Set(ACCOUNTS.map(({ causes: [first] }) => first)), new Set(CAUSE_CODES));
  });

  test("tells until when, since when and what was typed", async () => {
    const account = await newAccount();
    await account.fail(ALLOWED);
    await account.fail(2, "mariagonzalez");
    const [locked, ...others] = await account.diagnosis();
    assert.match(locked?.title ?? "", /^Locked after failed sign-ins, (59|60) min left$/);
    const leftMs = Date.parse(locked?.until ?? "") - rekey.clock.now().getTime();
    assert(leftMs > 59 * MINUTE_MS && leftMs <= HOUR_MS);
    const wrongName = others.find(({ cause }) => cause === "wrong_user_name");
    assert.equal(wrongName?.tried, "mariagonzalez");
    assert(rekey.clock.now().getTime() - Date.parse(wrongName?.since ?? "") < MINUTE_MS);
    assert.match(others.find(({ cause }) => cause === "wrong_password")?.title ?? "", /^10 wrong passwords$/);
  });

  test("speaks of an invitation only where there was one", async () => {
    const account = await newAccount(NEVER_SET);
    const titleNow = async (): Promise<string | undefined> => (await account.diagnosis())[0]?.title;
    assert.equal(await titleNow(), "Was never invited");
    await account.send();
    assert.equal(await titleNow(), "Has not accepted the invitation yet");
  });

  test("tells who may not cure it why, and who may", async () => {
    const account = await newAccount();
    await lockOut(account.oak, account.maria.id);
    const [locked] = await account.diagnosis(await account.oak.addUser({ role: "support" }));
    assert.deepEqual(locked?.fix, {
      action: "enable_login",
      allowed: false,
      reason: "This needs the role Owner or Admin.",
    });
  });

  test("knows nothing of names that were tried in another instance", async () => {
    const account = await newAccount();
    const pine = await newAccount();
    await pine.fail(3, "mariagonzalez");
    assert.deepEqual(
      (await account.diagnosis()).map(({ cause }) => cause),
      ["no_recent_attempt"],
    );
  });

  test("changes nothing and is no event of the record", async () => {
    const account = await newAccount();
    const cookies = await account.oak.asOwner();
    const count = async (): Promise<number> => {
      const answer = await account.oak.api("GET", "/audit-events?limit=200", { cookies });
      return (answer.json() as { items: unknown[] }).items.length;
    };
    const before = await count();
    await account.oak.api("GET", `/users/${account.maria.id}/diagnosis`, { cookies });
    assert.equal(await count(), before);
  });
});

let accounts = 0;

async function newAccount(given: Newcomer = {}): Promise<Account> {
  const oak = await rekey.createInstance();
  accounts += 1; // Each has an address of its own, so that no mail is taken for another's.
  const name = { firstName: "Maria", lastName: "Gonzalez", email: `maria.gonzalez@oak${accounts}.example` };
  const maria = await oak.addUser({ ...name, username: "maria.gonzalez", ...given });
  return new Account(oak, maria);
}
