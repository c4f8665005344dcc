import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";

import type { Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { redeem } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const NEW = { first_name: "Kim", last_name: "Nguyen", role: "support", title: "Counselor", phone: "+1 555 0100" };
const QUESTION = "Did you mean kim@oakrecovery.example?";

suite("An address that an administrator types", () => {
  let oak: TestInstance;
  let owner: CookieJar;

  beforeEach(async () => {
    oak = await rekey.createInstance();
    for (const name of ["maria", "tom"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
    owner = await oak.asOwner();
  });

  test("and misspells brings the form back with everything that was typed, and nobody is made", async () => {
    const answer = await create({ email: "kim@oakrecvery.example" });
    assert.equal(answer.status, 422);
    assert(answer.text.includes(QUESTION), answer.text);
    assert(answer.text.includes('value="kim@oakrecvery.example"'));
    for (const typed of [NEW.first_name, NEW.title, NEW.phone]) assert(answer.text.includes(`value="${typed}"`), typed);
    assert.match(answer.text, /<option value="support" selected/);
    assert.doesNotMatch(answer.text, /name="invite"[^>]*checked/, "what was not ticked stays so");
    assert.equal((await people()).length, 3);
  });

  test("is the suggested one at a click, or stays as it is at another, and is not asked about again", async () => {
    const email = "kim@oakrecvery.example";
    const taken = await create({ email, email_instead: "kim@oakrecovery.example" });
    assert.equal(taken.status, 303, taken.text);
    const kept = await create({ email, email_is_right: email });
    assert.equal(kept.status, 303, kept.text);
    const kims = (await people()).filter((each) => each.startsWith("kim@"));
    assert.deepEqual(new Set(kims), new Set(["kim@oakrecovery.example", email]));
    const another = await create({ email: "lee@oakrecvery.example", email_is_right: email });
    assert.equal(another.status, 422, "one address was right, not every other");

    const kim = (await rowsOf(oak, "users")).find(({ email: has }) => has === email);
    const edited = await edit(String(kim?.id), { email, username: "kim.n", title: "Nurse" });
    assert.equal(edited.status, 303, "it has not changed");
  });

  test("keeps its answer while something else is mended", async () => {
    const email = "kim@oakrecvery.example";
    const faulty = await create({ email, email_is_right: email, first_name: " " });
    assert.equal(faulty.status, 422);
    assert(!faulty.text.includes(QUESTION));
    assert(faulty.text.includes(`<input type="hidden" name="email_is_right" value="${email}"/>`), faulty.text);
  });

  test("is doubted when it is changed, too, and where no mail can arrive", async () => {
    const maria = await oak.addUser();
    const moved = await edit(maria.id, { email: "kim@oakrecvery.example", username: maria.username });
    assert.equal(moved.status, 422);
    assert(moved.text.includes(QUESTION));
    rekey.dns.publish("nothing-arrives.org", {});
    const dead = await edit(maria.id, { email: "kim@nothing-arrives.org", username: maria.username });
    assert.equal(dead.status, 422);
    assert.match(dead.text, /Is this address right\?<\/strong> nothing-arrives\.org has no mail server/);
    assert.equal(dead.text.match(/Save as it is/g)?.length, 1);
    assert((await people()).includes(maria.email));
  });

  test("is no way around who may do what: the refusal is the same, and stands in the record", async () => {
    const member = await oak.signIn(await oak.addUser());
    const target = await oak.addUser();
    const email = "kim@oakrecvery.example";
    assert.equal((await create({ email }, member)).status, 403);
    assert.equal((await edit(target.id, { email, username: "x" }, member)).status, 403);
    const admin = await oak.signIn(await oak.addUser({ role: "admin" }));
    assert.equal((await edit(oak.owner.id, { email, username: "x" }, admin)).status, 403);
    const pine = await rekey.createInstance();
    assert.equal((await edit(pine.owner.id, { email, username: "x" })).status, 404);
    const refused = (await rowsOf(oak, "audit_events")).filter(({ result }) => result === "refused");
    assert.deepEqual(refused.map(({ action }) => String(action)).toSorted(), [
      "user.create",
      "user.update",
      "user.update",
      "user.update",
    ]);
  });

  test("is taken by the API as it is", async () => {
    const json = { email: "kim@oakrecvery.example", first_name: "Kim", last_name: "Nguyen", role: "member" };
    assert.equal((await oak.api("POST", "/users", { json, cookies: owner })).status, 201);
  });

  test("and saved all the same is asked about before a link goes there, until one has been used", async () => {
    const pat = await oak.addUser({ email: "pat@oakrecvery.example" });
    const asks = `To ${pat.email}. Is this address right? ${QUESTION.replace("kim", "pat")}`;
    for (const page of ["", "/panel"]) assert((await show(pat, page)).includes(asks), page);
    const maria = await oak.addUser({ email: "another@oakrecovery.example" });
    assert((await show(maria)).includes(`To ${maria.email}<`), "no doubt, no question");
    const redeemed = await redeem(oak, await oak.mailedToken(pat, owner));
    assert.equal(redeemed.status, 204, redeemed.text);
    owner = await oak.asOwner();
    assert((await show(pat)).includes(`To ${pat.email}<`), "who used a link that went there reads what goes there");
  });

  function create(form: Readonly<Record<string, string>>, cookies = owner): Promise<Answer> {
    return oak.request("/settings/users", { form: { ...NEW, ...form }, cookies });
  }

  function edit(id: string, form: Readonly<Record<string, string>>, cookies = owner): Promise<Answer> {
    return oak.request(`/settings/users/${id}/edit`, { form: { ...NEW, ...form }, cookies });
  }

  async function show(user: TestUser, page = ""): Promise<string> {
    return (await oak.request(`/settings/users/${user.id}${page}`, { cookies: owner })).text;
  }

  async function people(): Promise<readonly string[]> {
    return (await rowsOf(oak, "users")).map(({ email }) => String(email));
  }
});
