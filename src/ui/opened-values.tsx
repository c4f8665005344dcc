import type { JSX } from "hono/jsx/jsx-runtime";

/** The name of the field that says what a form held when it was opened. */
export const OPENED_VALUES = "opened_values";

type Values = Readonly<Record<string, string>>;

/** Goes along with a form, so that what nobody touched in it is not written over what somebody else has saved meanwhile. */
export function OpenedValues({ values }: { readonly values: Values }): JSX.Element {
  return <input type="hidden" name={OPENED_VALUES} value={JSON.stringify(values)} />;
}

/** @returns what the form held when it was opened; nothing where it does not say. */
export function parseOpenedValues(text: string): Values {
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values !== "object" || values === null) return {};
    return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === "string"));
  } catch {
    return {};
  }
}

/** @returns those of the changes whose field was touched. */
export function touchedOf<Changes extends object>(changes: Changes, given: Values, opened: Values): Partial<Changes> {
  const isTouched = (name: string): boolean => opened[name] === undefined || opened[name] !== given[name];
  return Object.fromEntries(Object.entries(changes).filter(([name]) => isTouched(name))) as Partial<Changes>;
}
