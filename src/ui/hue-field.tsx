import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

/** Hues far enough apart to be told from each other, by the names that people have for them. */
const HUES: readonly (readonly [number, string])[] = [
  [25, "Red"],
  [50, "Orange"],
  [75, "Ochre"],
  [110, "Olive"],
  [155, "Green"],
  [180, "Teal"],
  [205, "Cyan"],
  [250, "Blue"],
  [280, "Indigo"],
  [310, "Purple"],
  [345, "Pink"],
  [0, "Crimson"],
];

interface HueFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly hint?: Child;
  readonly fault?: string | undefined;
}

/** Asks for a colour by its hue alone; the style sheet gives all of them the same lightness. */
export function HueField({ name, label, value, hint, fault }: HueFieldProps): JSX.Element {
  const hues = HUES.some(([hue]) => String(hue) === value) ? HUES : [...HUES, [Number(value), "As it is now"] as const];
  return (
    <fieldset class="field hues" id={name} aria-describedby={fault && `${name}-fault`}>
      <legend class="field-label">{label}</legend>
      <div class="hue-list">
        {hues.map(([hue, word]) => (
          <label class="hue">
            <input type="radio" name={name} value={String(hue)} checked={String(hue) === value} />
            <span class={`hue-swatch hue-${hue}`} aria-hidden="true" />
            {word}
          </label>
        ))}
      </div>
      {hint && <p class="field-hint">{hint}</p>}
      {fault && (
        <p class="field-fault" id={`${name}-fault`}>
          {fault}
        </p>
      )}
    </fieldset>
  );
}
