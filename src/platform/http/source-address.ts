import { BlockList, isIP } from "node:net";

/** @returns where a request came from, given the connection's peer and the X-Forwarded-For header it brought. */
export type SourceAddress = (peer: string, forwardedFor: string | undefined) => string;

/**
 * Believes X-Forwarded-For only from the networks named, and only as far back as each hop is one of them: what a stranger
 * writes into the header stands to the left and is never reached (OWASP ASVS 5.0, V4.1.3). Where a hop is no address, nobody
 * knows whose word stands beyond it: the source is then the proxy that wrote it.
 */
export function sourceAddressBehind(trustedProxies: readonly string[]): SourceAddress {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    trusted.addSubnet(address, Number(prefix ?? LENGTHS[family]), family);
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) > 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  return (peer, forwardedFor) => {
    const hops = (forwardedFor ?? "").split(",").map((hop) => plain(withoutPort(hop.trim())));
    let source = plain(peer);
    while (isTrusted(source)) {
      const before = hops.pop() ?? "";
      if (isIP(before) === 0) return source;
      source = before;
    }
    return source;
  };
}

/** Of an address, in bits: the longest prefix of its networks. */
const LENGTHS = { ipv4: 32, ipv6: 128 };

/** @returns whether the text is an address, or a network in CIDR notation (RFC 4632, section 3.1), such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d+))?$/.exec(text) ?? [];
  return isIP(address) > 0 && Number(prefix) <= LENGTHS[isIP(address) === 6 ? "ipv6" : "ipv4"];
}

/** @returns what counts as one source: an IPv4 address, or the /64 network of an IPv6 one, all of which one site has (RFC 6177, section 2). */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.split("::");
  const [left, right] = [head, tail].map((part) => part.split(":").filter(Boolean)) as [string[], string[]];
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}

/** An IPv4 peer on a socket that takes both kinds comes as `::ffff:10.0.0.1`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}

/** Some proxies add the port, and brackets around an IPv6 address (RFC 7239, section 6, has both). */
function withoutPort(hop: string): string {
  const [, version6, version4] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(hop) ?? [];
  return version6 ?? version4 ?? hop;
}
