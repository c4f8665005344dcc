import assert from "node:assert/strict";
import { test } from "node:test";

import { accentHex } from "./accent-colour.ts";

test("keeps white readable on the accent, 4.5 to 1, whatever the hue", () => {
  for (let hue = 0; hue < 360; hue += 5) assert.ok(contrastWithWhite(accentHex(hue)) >= 4.5, `hue ${hue}`);
});

/** WCAG 2.2, definitions of contrast ratio and relative luminance. */
function contrastWithWhite(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
