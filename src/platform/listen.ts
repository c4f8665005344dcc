import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

import { codeOf, messageOf } from "#lib/error-words.ts";
import { OperatorError } from "#lib/operator-error.ts";

/** Where to listen, and which of the operator's variables say so. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly variables: string;
}

/** @returns the port that is listened on, which for 0 is one that was free. @throws OperatorError that says what to change. */
export async function listen(server: Server, place: Place): Promise<number> {
  server.listen(place.port, place.host);
  await once(server, "listening").catch((error: unknown) => {
    throw new OperatorError(faultWords(error, place), error);
  });
  return (server.address() as AddressInfo).port;
}

function faultWords(error: unknown, { host, port, variables }: Place): string {
  const code = codeOf(error);
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken by another program. Stop it, or name another port in ${variables}.`;
  if (code === "EACCES")
    return `This user may not listen on port ${port}. Name one above 1023 in ${variables}, or allow it to this user.`;
  return `Rekey cannot listen on ${host}, port ${port} (${messageOf(error)}). Check ${variables}.`;
}
