import assert from "node:assert/strict";

import type { Instance } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { createInstance } from "#operator/create-instance.ts";
import type { Deps } from "#platform/deps.ts";
import { startSession } from "#sessions/session.ts";
import { createUser } from "#user-management/create-user.ts";
import type { User } from "#users/user.ts";
import { type Contract, readContract } from "./contract.ts";
import { type Answer, CookieJar, request, type RequestOptions } from "./http.ts";
import { GOOD_PASSWORD, type Newcomer, newcomer } from "./newcomer.ts";
import type { SinkMail, SmtpSink } from "./smtp-sink.ts";

/** A user whose password the test knows; undefined while they never set one. */
export interface TestUser extends User {
  readonly password: string | undefined;
}

/** The same document in all instances. */
let contract: Promise<Contract> | undefined;

let instanceNumber = 0;

/**
 * @param givenOrigin an https one to see what the product does there; of this machine where left out.
 * @returns a new instance, whose Owner has the good password.
 */
export async function createTestInstance(
  of: { deps: Deps; port: number; sink: SmtpSink },
  name: string,
  givenOrigin: string | undefined,
): Promise<TestInstance> {
  instanceNumber += 1;
  const origin = givenOrigin ?? `http://t${process.pid}-${instanceNumber}.localhost:${of.port}`;
  const { instance, owner } = await createInstance(of.deps, { name, origin, owner: await newcomer() });
  return new TestInstance({
    ...of,
    base: `http://127.0.0.1:${of.port}`,
    instance,
    owner: { ...owner, password: GOOD_PASSWORD },
  });
}

/** One instance with its Owner, and what a client of it does. */
export class TestInstance {
  readonly instance: Instance;
  readonly owner: TestUser;
  readonly base: string;
  readonly deps: Deps;
  readonly #sink: SmtpSink;

  constructor(of: { deps: Deps; base: string; sink: SmtpSink; instance: Instance; owner: TestUser }) {
    this.instance = of.instance;
    this.owner = of.owner;
    this.base = of.base;
    this.deps = of.deps;
    this.#sink = of.sink;
  }

  get host(): string {
    return new URL(this.instance.origin).host;
  }

  /** @returns the same instance, spoken to through another process. */
  at(base: string): TestInstance {
    return new TestInstance({ ...this, base, sink: this.#sink });
  }

  /** @returns the same instance after its program was started anew. */
  within({ server, deps, sink }: { server: { port: number }; deps: Deps; sink: SmtpSink }): TestInstance {
    return new TestInstance({ ...this, deps, base: `http://127.0.0.1:${server.port}`, sink });
  }

  /** The operator, within this instance. */
  get scope(): Scope {
    return { instance: this.instance, actor: OPERATOR, request: undefined };
  }

  /** Somebody new has an account, and the good password unless another is given. */
  async addUser(given: Newcomer = {}): Promise<TestUser> {
    const user = await createUser(this.deps, this.scope, await newcomer(given));
    return { ...user, password: given.password === null ? undefined : (given.password ?? GOOD_PASSWORD) };
  }

  /** Sends a request as a browser on this instance's own pages would; `headers` may say otherwise. */
  request(target: string, options: RequestOptions = {}): Promise<Answer> {
    return request(this.base, target, {
      host: this.host,
      ...options,
      headers: { "sec-fetch-site": "same-origin", ...options.headers },
    });
  }

  /** Calls the API under /api/v1. Whatever it answers, the OpenAPI document must have said so (I2). */
  async api(method: string, target: string, options: RequestOptions = {}): Promise<Answer> {
    const answer = await this.request(`/api/v1${target}`, { method, ...options });
    contract ??= this.request("/api/openapi.json").then(readContract);
    (await contract).requireKept(method, `/api/v1${target}`, answer);
    return answer;
  }

  /** @returns the cookies of somebody who has just signed in. */
  async signIn(user: TestUser, password: string | undefined = user.password): Promise<CookieJar> {
    const cookies = new CookieJar();
    const answer = await this.api("POST", "/session", { json: { identifier: user.username, password }, cookies });
    assert.equal(answer.status, 200, answer.text);
    return cookies;
  }

  /**
   * @returns the cookies of the Owner in a session that has just begun. Most tests need one and none of them is about it, so it
   *   takes no password, leaves no record and sends no notice.
   */
  async asOwner(): Promise<CookieJar> {
    const { id, origin } = this.instance;
    const sessionId = await this.deps.db.inInstance(id, (tx) =>
      startSession(tx, this.scope, this.deps.clock.now(), { userId: this.owner.id, userAgent: null }),
    );
    const cookies = new CookieJar();
    cookies.set(origin.startsWith("https:") ? "__Host-rekey" : "rekey", sessionId);
    return cookies;
  }

  /** @returns the newest mail to the address, waiting for it if need be. */
  async mailTo(address: string, isWanted: (mail: SinkMail) => boolean = () => true): Promise<SinkMail> {
    return this.#sink.waitFor((mail) => mail.to.includes(address) && isWanted(mail));
  }

  /** @returns the mails with a link that the user has been sent, oldest first. */
  linksTo(user: TestUser): readonly SinkMail[] {
    return this.#sink.mails.filter((mail) => mail.to.includes(user.email) && isResetLink(mail));
  }

  /** An administrator sends the user a link, and its acceptance is recorded: its life has begun. @returns the token of the mailed link. */
  async mailedToken(user: TestUser, by: CookieJar): Promise<string> {
    const answer = await this.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: by });
    assert.equal(answer.status, 202, answer.text);
    const mail = await this.mailTo(user.email, isResetLink);
    await this.#accepted((answer.json() as { id: string }).id, by);
    return tokenIn(mail);
  }

  async #accepted(recoveryId: string, by: CookieJar): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { state } = (await this.api("GET", `/recoveries/${recoveryId}`, { cookies: by })).json() as {
        state: string;
      };
      if (state === "sent") return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail("the acceptance of the mail was not recorded");
  }
}

/** @returns whether the mail holds a link to set a password with. */
export function isResetLink(mail: SinkMail): boolean {
  return /\/reset-password\//.test(mail.message.text ?? "");
}

/** @returns the token of the link in a mail. */
export function tokenIn(mail: SinkMail): string {
  const token = /\/reset-password\/([\w.~-]+)/.exec(mail.message.text ?? "")?.[1];
  assert(token, "the mail holds a link");
  return token;
}
