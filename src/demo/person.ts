import type { Role } from "#platform/database/tables.ts";

/** What has happened to somebody by the time the demo starts, and how long ago it began. */
export interface Story {
  readonly kind:
    | "signed_in"
    | "invited"
    | "link_sent"
    | "link_opened"
    | "link_refused"
    | "mail_waiting"
    | "mail_bounced"
    | "password_set"
    | "back_in"
    | "temporary_given"
    | "temporary_used"
    | "temporary_expired"
    | "new_password_required"
    | "link_revoked"
    | "link_copied"
    | "refused_at_the_door"
    | "locked"
    | "disowned"
    | "approval_waiting"
    | "inactive";
  readonly minutesAgo: number;
}

export interface Person {
  readonly name: string;
  readonly role: Role;
  readonly title: string;
  readonly department: string;
  /** Made of the name if left out. */
  readonly email?: string;
  /** In the other company as well, under the same address. */
  readonly worksElsewhereToo?: true;
  readonly story: Story;
}

export const HOUR = 60;
export const DAY = 24 * HOUR;

/** @returns the story of who has nothing to tell. */
export const signedIn = (minutesAgo: number): Story => ({ kind: "signed_in", minutesAgo });

/** Administers both companies. */
export const DANA = {
  name: "Dana Whitfield",
  role: "admin",
  title: "CRM Administrator",
  department: "IT",
  email: "dana.whitfield@oak.example",
  worksElsewhereToo: true,
} as const;
