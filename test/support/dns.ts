import type { Dns, DnsAnswer, MailServer } from "#platform/dns.ts";

/** What a test publishes under a name; a kind that is left out has no records. */
interface Records {
  readonly txt?: readonly string[];
  readonly mx?: readonly MailServer[];
  readonly addresses?: readonly string[];
}

/** DNS as a test has published it. */
export class TestDns implements Dns {
  readonly #names = new Map<string, Records | "silence">();
  readonly #otherwise: "no_such_name" | "no_answer";

  /** @param otherwise what is said of a name that no test has published anything about. */
  constructor(otherwise: "no_such_name" | "no_answer" = "no_such_name") {
    this.#otherwise = otherwise;
  }

  /** From now on this is what there is under the name, or nobody answers for it. */
  publish(name: string, records: Records | "silence"): this {
    this.#names.set(name, records);
    return this;
  }

  async findTexts(name: string): Promise<DnsAnswer<string>> {
    return this.#answer(name, ({ txt = [] }) => txt);
  }

  async findMailServers(domain: string): Promise<DnsAnswer<MailServer>> {
    return this.#answer(domain, ({ mx = [] }) => mx);
  }

  async findAddresses(name: string): Promise<DnsAnswer<string>> {
    return this.#answer(name, ({ addresses = [] }) => addresses);
  }

  #answer<Entry>(name: string, pick: (records: Records) => readonly Entry[]): DnsAnswer<Entry> {
    const known = this.#names.get(name.toLowerCase()) ?? this.#otherwise;
    if (known === "no_such_name") return { outcome: known };
    if (known === "silence" || known === "no_answer") return { outcome: "no_answer", why: "ETIMEOUT" };
    const [first, ...others] = pick(known);
    return first === undefined ? { outcome: "none" } : { outcome: "found", entries: [first, ...others] };
  }
}
