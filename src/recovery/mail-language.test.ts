import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import type { CookieJar } from "../../test/support/http.ts";
import type { Newcomer } from "../../test/support/newcomer.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { type LinkOrigin, mailLink, redeem } from "../../test/support/reset-link.ts";

const rekey = await testRekey();

suite("M1: the language of a mail", () => {
  let oak: TestInstance;
  let admin: CookieJar;

  before(async () => {
    oak = await rekey.createInstance();
    admin = await oak.asOwner();
  });

  test("is the recipient's, in every word of it, HTML and plain text", async () => {
    const maria = await speaking("es-MX");
    const link = await send(maria);
    assert.equal(link.subject, "Elija una contraseña nueva para Oak Recovery");
    assert.match(link.text ?? "", /^Hola, Kim:/);
    assert.match(link.text ?? "", /Su nombre de usuario: /);
    assert.match(link.text ?? "", /El enlace vale hasta el \d+ [a-z]+ \d{4}, \d/);
    assert.match(link.html ?? "", /<html lang="es">/);
    for (const text of [link.text, link.html])
      assert.doesNotMatch((text ?? "").replaceAll(/\S*reset-password\S*/g, ""), /\b(?:Hello|password|link|your)\b/i);
    const token = tokenIn(await oak.mailTo(maria.email));
    assert.equal((await redeem(oak, token, "amber compass willow station")).status, 204);
    const changed = await oak.mailTo(maria.email, ({ message }) => message.subject?.startsWith("Se ha") ?? false);
    assert.match(changed.message.text ?? "", /No fui yo:/);
    assert.doesNotMatch(changed.message.text ?? "", /\b(?:Hello|your|session)\b/);
  });

  test("is the instance's for who has none, or one that is not spoken here", async () => {
    assert.match((await send(await speaking(null))).subject ?? "", /^Set a new password/);
    const json = { language: "es" };
    assert.equal((await oak.api("PATCH", "/settings", { json, cookies: admin })).status, 200);
    assert.match((await send(await speaking(null))).subject ?? "", /^Elija/);
    assert.match((await send(await speaking("tlh"))).subject ?? "", /^Elija/);
    assert.match((await send(await speaking("en-GB"))).subject ?? "", /^Set a new password/);
    const unknown = await oak.api("PATCH", "/settings", { json: { language: "tlh" }, cookies: admin });
    assert.equal(unknown.status, 422);
  });

  test("says in an invitation, too, who asked and when", async () => {
    const invited = async (origin: LinkOrigin, locale: string): Promise<string> => {
      const user = await speaking(locale, { password: null });
      await mailLink(oak, origin, { user, admin });
      return (await oak.mailTo(user.email)).message.text ?? "";
    };
    const when = "\\d+ [A-Za-z]+ \\d{4}, \\d+:\\d+ UTC";
    for (const [origin, locale, says] of [
      ["invitation", "en", `made for you\\. ${oak.owner.name} invited you on ${when}\\. Set a password`],
      ["invitation", "es", `${oak.owner.name} le invitó el ${when}\\. Elija una contraseña`],
      ["operator", "en", `The operator of Oak Recovery invited you on ${when}\\.`],
      ["operator", "es", `El operador de Oak Recovery le invitó el ${when}\\.`],
      ["self_service", "en", `Somebody asked for this link on ${when} on the sign-in page of Oak Recovery\\.`],
      ["self_service", "es", `Alguien pidió este enlace el ${when} en la página`],
    ] as const)
      assert.match(await invited(origin, locale), new RegExp(says));
  });

  async function speaking(locale: string | null, given: Newcomer = {}): Promise<TestUser> {
    const user = await oak.addUser(given);
    const answer = await oak.api("PATCH", `/users/${user.id}`, { json: { locale }, cookies: admin });
    assert.equal(answer.status, 200, answer.text);
    return user;
  }

  async function send(user: TestUser) {
    assert.equal((await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: admin })).status, 202);
    return (await oak.mailTo(user.email)).message;
  }
});
