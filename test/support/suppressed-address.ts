import { suppressAddress } from "#mail-delivery/suppressed-address.ts";
import type { TestInstance } from "./rekey.ts";
import { rowsOf } from "./tables.ts";

/** An address of the instance has bounced for good. @returns its id in the list. */
export async function suppressedAddress(
  oak: TestInstance,
  address = "gone@oak.example",
  answer = "550 5.1.1 No such user",
): Promise<string> {
  const { db, clock } = oak.deps;
  await db.inInstance(oak.instance.id, (tx) =>
    suppressAddress(tx, oak.instance, clock.now(), { address, server: "mx.oak.example", answer }),
  );
  const rows = await rowsOf(oak, "suppressed_addresses");
  return String(rows.find((row) => row.address === address)?.id);
}
