/** Holds the user name of who has just set a password, so that the sign-in page can greet them with it filled in. */
export const PASSWORD_SET_COOKIE = { name: "rekey_password_set", maxAgeSeconds: 600 };
