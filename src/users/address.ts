import { trimUnseen } from "#lib/text.ts";

const LONGEST_ADDRESS = 254; // RFC 5321, section 4.5.3.1.3, less the brackets

/**
 * @returns whether the text is one address and nothing else: no second one, no display name, no control character, whatever a
 *   mail server would make of it. Dot-less domains are addresses (`owner@localhost`).
 */
export function isAddress(text: string): boolean {
  const address = trimUnseen(text);
  return (
    address.length <= LONGEST_ADDRESS &&
    address.isWellFormed() &&
    /^[^\s@,;:<>()[\]\\"\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(address)
  );
}
