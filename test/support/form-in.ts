/** @returns what a browser would send of the page's form of posted fields, before anybody touched it. */
export function formIn(html: string): Record<string, string> {
  const attribute = (tag: string, name: string): string | undefined =>
    new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const form: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const [name, type] = [attribute(tag, "name"), attribute(tag, "type")];
    if (name === undefined || (type === "checkbox" && !/\schecked/.test(tag))) continue;
    form[name] = type === "checkbox" ? (attribute(tag, "value") ?? "on") : (attribute(tag, "value") ?? "");
  }
  for (const [, name = "", options = ""] of html.matchAll(/<select[^>]*\sname="([^"]+)"[^>]*>(.*?)<\/select>/gs)) {
    const chosen = /<option[^>]*\sselected[^>]*>/.exec(options)?.[0] ?? /<option[^>]*>/.exec(options)?.[0] ?? "";
    form[name] = attribute(chosen, "value") ?? "";
  }
  return form;
}
