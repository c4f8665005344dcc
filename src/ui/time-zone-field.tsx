import type { JSX } from "hono/jsx/jsx-runtime";

import { SelectField } from "./select-field.tsx";

interface TimeZoneFieldProps {
  readonly name: string;
  readonly value: string;
  readonly fault: string | undefined;
}

/** Asks for a time zone, every one that the platform knows; nothing means that of the instance. */
export function TimeZoneField(field: TimeZoneFieldProps): JSX.Element {
  const known = Intl.supportedValuesOf("timeZone");
  const zones = known.includes(field.value) || field.value === "" ? known : [field.value, ...known];
  return (
    <SelectField
      {...field}
      label="Time Zone"
      choices={[{ value: "", label: "As the instance" }, ...zones.map((zone) => ({ value: zone, label: zone }))]}
    />
  );
}
