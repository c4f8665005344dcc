/** @returns the tags of a record such as `v=DKIM1; k=rsa; p=…` (RFC 6376, section 3.2); the last of two equal ones is kept. */
export function readTags(record: string): ReadonlyMap<string, string> {
  const pairs = record.split(";").map((part) => part.split(/=(.*)/s).map((side) => side.trim()));
  return new Map(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name.toLowerCase(), value]] : [])));
}
