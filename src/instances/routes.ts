import { Hono } from "hono";

import { initialsOf } from "#ui/initials.tsx";
import type { Instance } from "./instance.ts";
import type { InstanceEnv } from "./scope.ts";

/** What the instance is known by, as a stylesheet: a strict Content-Security-Policy forbids its colour in the page itself. */
export function instanceRoutes(): Hono<InstanceEnv> {
  return new Hono<InstanceEnv>().get("/instance.css", (c) => {
    c.header("Cache-Control", "no-cache");
    return c.body(styleOf(c.var.scope.instance), 200, { "Content-Type": "text/css; charset=utf-8" });
  });
}

function styleOf({ accentHue, name }: Instance): string {
  const [named, initials] = [name, initialsOf(name)].map(cssString);
  return `:root{--accent-hue:${accentHue};--instance-name:${named};--instance-initials:${initials}}`;
}

/** @returns the text as a string of a stylesheet, each character but letters and digits by its number (CSS Syntax 3, section 4.3.7). */
function cssString(text: string): string {
  const escaped = text.replace(/[^A-Za-z0-9]/gu, (character) => `\\${character.codePointAt(0)?.toString(16)} `);
  return `"${escaped}"`;
}
