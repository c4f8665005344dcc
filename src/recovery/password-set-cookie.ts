/**
 * Holds the user name of who has just set a password, after the recovery by which they did: the sign-in page greets them with
 * it filled in, and the page of the link, gone back to, leads there.
 */
export const PASSWORD_SET_COOKIE = { name: "rekey_password_set", maxAgeSeconds: 600 };

/** What the cookie holds. */
export function passwordSetBy(recoveryId: string, username: string): string {
  return `${recoveryId} ${username}`;
}

/** @returns what the cookie holds; undefined where there is none. */
export function readPasswordSet(value: string | undefined): { recoveryId: string; username: string } | undefined {
  const [, recoveryId, username] = /^(\S+) (.+)$/s.exec(value ?? "") ?? [];
  return recoveryId === undefined || username === undefined ? undefined : { recoveryId, username };
}
