/**
 * @returns the origin in its plain form (`https://crm.example`), or undefined when the text is none that Rekey may serve:
 * https, or http on loopback, where no network can listen in, with the name or address of one host.
 */
export function parseOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || url.pathname !== "/" || url.search || url.hash || url.username || url.password) return undefined;
  if (!/^(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*)$/.test(url.hostname)) return undefined;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.origin)) ? url.origin : undefined;
}

/** What REKEY_ORIGIN and `instance create --origin` expect. */
export const ORIGIN_EXPECTED = "an https origin such as https://crm.example.com, or http on localhost";

/** @returns whether the origin's host is this machine itself, which no network lies in front of. */
export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
