import assert from "node:assert/strict";
import { test } from "node:test";

import { NotificationFragment } from "./notification.tsx";
import { renderHtml } from "./render-html.ts";

const at = new Date("2026-11-21T14:24:00Z");
const fragment = (kind: "success" | "error"): string =>
  renderHtml(
    <NotificationFragment notification={{ id: "1", kind, title: "Title", text: "<b>Text</b>", at }} now={at} />,
  );

test("announces success politely and puts it first in the tray", () => {
  assert.match(fragment("success"), /<hx-partial hx-target="#notices" hx-swap="beforeend">/);
  assert.match(fragment("success"), /<hx-partial hx-target="#tray" hx-swap="afterbegin"><li/);
});

test("announces an error at once", () => {
  assert.match(fragment("error"), /<hx-partial hx-target="#alerts"/);
});

test("shows markup in a text as text", () => {
  assert.doesNotMatch(fragment("success"), /<b>/);
});
