/**
 * Everything that Rekey refuses, once: the stable code that clients act on, the HTTP status, and words for a person.
 * `title` says what happened, `detail` what to do. Pages and API speak the same words.
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: "The request could not be read.",
    detail: "Send it again; if it was typed by hand, check its form.",
  },
  invalid_credentials: {
    status: 401,
    title: "The user name or password is not right.",
    detail: "Check the spelling and the Caps Lock key, or use “Forgot password?”.",
  },
  sign_in_required: {
    status: 401,
    title: "You are not signed in, or your session has ended.",
    detail: "Sign in and try again.",
  },
  api_key_invalid: {
    status: 401,
    title: "This API key does not work.",
    detail: "It was revoked, has ended, or was never made here. Ask an administrator of this instance for a new one.",
  },
  metrics_token_invalid: {
    status: 401,
    title: "The bearer token is missing, or is not the one of this program.",
    detail: "Send the value of METRICS_TOKEN, or ask from the machine on which the program runs.",
  },
  not_permitted: { status: 403, title: "You may not do this.", detail: "Ask an administrator of this instance." },
  step_up_required: {
    status: 403,
    title: "This needs a fresh sign-in.",
    detail: "Confirm with your password that it is you, then try again.",
  },
  password_change_required: {
    status: 403,
    title: "You are signed in with a temporary password.",
    detail: "Set a password of your own first; everything else works from then on.",
  },
  forbidden_origin: {
    status: 403,
    title: "The request came from another site, so nothing was done.",
    detail: "Open the page in this browser again and repeat the step there.",
  },
  not_found: {
    status: 404,
    title: "There is nothing here.",
    detail: "Check the address, or go back to where you came from.",
  },
  link_invalid: {
    status: 404,
    title: "This link is not complete.",
    detail: "Open the mail again and click the button, or copy the whole address. You can also ask for a fresh link.",
  },
  method_not_allowed: {
    status: 405,
    title: "This address does not take that kind of request.",
    detail: "See /api/openapi.json for what it takes.",
  },
  link_used: {
    status: 409,
    title: "This link was already used.",
    detail: "Sign in with your password. If it was not you who set it, tell your administrator.",
  },
  email_taken: {
    status: 409,
    title: "Somebody in this instance already has this address.",
    detail: "Search for the address in Manage Users.",
  },
  username_taken: {
    status: 409,
    title: "Somebody in this instance already has this user name.",
    detail: "Choose another user name.",
  },
  user_inactive: { status: 409, title: "This user is inactive.", detail: "Reactivate first." },
  last_owner: {
    status: 409,
    title: "This is the last Owner of the instance.",
    detail: "Make somebody else Owner first.",
  },
  user_active: { status: 409, title: "This user is active already.", detail: "There is nothing to reactivate." },
  approval_required: {
    status: 409,
    title: "A second administrator has to approve this.",
    detail: "Ask another administrator.",
  },
  approval_decided: {
    status: 409,
    title: "This was decided already, or has waited for more than a day.",
    detail: "Ask for it again if it is still needed.",
  },
  address_held: {
    status: 409,
    title: "The address was changed within the last day.",
    detail: "Wait until the day is over.",
  },
  user_frozen: {
    status: 409,
    title: "This account is frozen.",
    detail: "“This was not me” was said of a change of it. Make sure of who is asking, then Thaw it.",
  },
  not_frozen: { status: 409, title: "This account is not frozen.", detail: "There is nothing to thaw." },
  not_locked: {
    status: 409,
    title: "Sign-in is not stopped for this user.",
    detail: "There is no lockout to end. It may have run out meanwhile.",
  },
  no_password_yet: {
    status: 409,
    title: "This user has never set a password.",
    detail: "Send the invitation again instead: Send Reset Link.",
  },
  role_denies_access: {
    status: 409,
    title: "This user's role is No Access, so a password would not let them in.",
    detail: "Change the role first.",
  },
  address_suppressed: {
    status: 409,
    title: "Mails to this user's address come back, so none is sent there.",
    detail: "Correct the address, or take it off the list under Settings > Mail if it works again.",
  },
  no_live_link: {
    status: 409,
    title: "This recovery has no live link.",
    detail: "Send a reset link first; while it is live it can be copied.",
  },
  recovery_ended: { status: 409, title: "This recovery has already ended.", detail: "Send a new reset link." },
  origin_taken: {
    status: 409,
    title: "Another instance already has this origin.",
    detail: "Choose another origin, or see: instance list",
  },
  link_expired: {
    status: 410,
    title: "This link has expired.",
    detail: "Ask for a fresh one.",
  },
  link_revoked: {
    status: 410,
    title: "A newer step replaced this link.",
    detail: "Use the newest mail. If this is it, ask for a fresh link.",
  },
  idempotency_conflict: {
    status: 409,
    title: "This Idempotency-Key came with another request before.",
    detail: "Send each request with a key of its own.",
  },
  already_done: {
    status: 409,
    title: "This was done already.",
    detail: "It was sent a second time, and nothing was done again.",
  },
  idempotency_in_progress: {
    status: 409,
    title: "The first request with this Idempotency-Key is still under way.",
    detail: "Send it again in a moment; it is answered then as the first one was.",
  },
  idempotency_malformed: {
    status: 422,
    title: "The Idempotency-Key cannot be used.",
    detail: "Use 1 to 255 visible ASCII characters, such as a UUID.",
  },
  too_large: { status: 413, title: "The request is larger than this page takes.", detail: "Send less at once." },
  unsupported_media_type: { status: 415, title: "The API reads JSON.", detail: "Send Content-Type: application/json." },
  unknown_instance: {
    status: 421,
    title: "No instance answers at this address.",
    detail: "Check the address of your CRM; your administrator or the invitation mail has it.",
  },
  validation_failed: { status: 422, title: "Something in what you sent is not right.", detail: "See the fields." },
  unknown_field: {
    status: 422,
    title: "A field in what you sent is not known here.",
    detail: "Remove it, or check its spelling.",
  },
  import_refused: {
    status: 422,
    title: "Nobody was imported.",
    detail: "Mend what is listed, then import the whole file again.",
  },
  password_rejected: { status: 422, title: "This password cannot be used.", detail: "Choose another one." },
  too_many_requests: {
    status: 429,
    title: "That was too often in a short time.",
    detail: "Wait a little and try again.",
  },
  instance_suspended: { status: 503, title: "This instance is suspended.", detail: "Ask the operator of the CRM." },
  disk_full: {
    status: 503,
    title: "The database has no room left on its disk.",
    detail: "Tell the operator to free some space. Then look what was kept, and try again.",
  },
  unavailable: {
    status: 503,
    title: "The database does not answer at the moment.",
    detail: "Nothing was lost. Try again in a few seconds.",
  },
  defect: {
    status: 500,
    title: "Something went wrong on our side.",
    detail: "Look whether it was done, then try again. If it stays, tell the operator the request id.",
  },
} as const satisfies Record<string, { status: number; title: string; detail: string }>;

export type ErrorCode = keyof typeof ERRORS;
