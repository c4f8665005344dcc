import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { fold, foldAccents, hasControlCharacter, keepable, maskAddress, trimUnseen, unseenEdges } from "./text.ts";

suite("text", () => {
  test("finds the unseen characters at both ends, and none within", () => {
    assert.deepEqual(unseenEdges("a b\u200Bc"), { start: "", end: "" });
    assert.deepEqual(unseenEdges(" \u00A0a\u3000\uFEFF"), { start: " \u00A0", end: "\u3000\uFEFF" });
    assert.deepEqual(unseenEdges("\n"), { start: "\n", end: "\n" });
    assert.deepEqual(unseenEdges(""), { start: "", end: "" });
  });

  test("takes them away without touching what is between", () => {
    assert.equal(trimUnseen("\uFEFF\tMaria  Gonzalez\u200B "), "Maria  Gonzalez");
    assert.equal(trimUnseen("👩‍🚀"), "👩‍🚀", "a joiner within an emoji stays");
  });

  test("folds what a person would call the same to the same", () => {
    for (const same of ["MARIA", " maria ", "ｍａｒｉａ", "mar\u0069a"]) assert.equal(fold(same), "maria");
    assert.equal(fold("É"), fold("e\u0301"));
    assert.notEqual(fold("É"), fold("e"));
    assert.equal(foldAccents("Émile Ñandú"), "emile nandu");
    assert.equal(foldAccents("ĝ한글"), "g한글", "what is no accent is put together again");
  });

  test("knows control characters", () => {
    for (const text of ["a\0", "\u001b[31m", "a\r\nb", "\u0085", "\u007f"])
      assert.equal(hasControlCharacter(text), true);
    for (const text of ["", "Łukasz 🦔", "a b", "\u202E"]) assert.equal(hasControlCharacter(text), false);
  });

  test("keeps what a stranger typed in a form that every database takes", () => {
    assert.equal(keepable("Maria"), "Maria");
    assert.equal(keepable("a\0b\ud800c\r\n"), "a�b�c��");
    assert.equal(keepable("x".repeat(10_000)).length, 320);
    assert.equal(keepable(`${"x".repeat(319)}🦔`).isWellFormed(), true, "a character cut in half is none");
  });

  test("hides an address but for what its owner recognises", () => {
    assert.equal(maskAddress("maria@oak.example"), "m••••a@oak.example");
    assert.equal(maskAddress("ab@oak.example"), "a••••@oak.example");
    assert.equal(maskAddress("a@oak.example"), "a••••@oak.example");
    assert.equal(maskAddress("🦔x🌵@oak.example"), "🦔••••🌵@oak.example");
  });
});
