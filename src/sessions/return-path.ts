import { localPath } from "#platform/http/local-path.ts";

/** @returns where to come back to without script, if it is the list of users, a profile or a ticket; else the page given. */
export function returnPath(returnTo: string, otherwise: string): string {
  const isOurs = /^\/(?:settings\/users|tickets)(?![^/?])/.test(returnTo);
  return (isOurs && localPath(returnTo)) || otherwise;
}
