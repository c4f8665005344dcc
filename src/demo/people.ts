import type { Role } from "#platform/database/tables.ts";

/** What has happened to somebody by the time the demo starts, and how long ago it began. */
export interface Story {
  readonly kind:
    | "signed_in"
    | "works_elsewhere_too"
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
  readonly story: Story;
}

const HOUR = 60;
const DAY = 24 * HOUR;

const SOMEBODY_ASKS: Story = { kind: "approval_waiting", minutesAgo: 48 };
const NOT_ME: Story = { kind: "disowned", minutesAgo: 6 * HOUR };
const DANA = {
  name: "Dana Whitfield",
  role: "admin",
  title: "CRM Administrator",
  department: "IT",
  email: "dana.whitfield@oak.example",
} as const;
const signedIn = (minutesAgo: number): Story => ({ kind: "signed_in", minutesAgo });

/** A treatment centre with an admissions desk, clinicians, and people who cannot get in this morning. */
export const OAK: readonly Person[] = [
  {
    name: "Olivia Reed",
    role: "owner",
    title: "Director of Operations",
    department: "Management",
    story: signedIn(3 * HOUR),
  },
  { ...DANA, story: { kind: "works_elsewhere_too", minutesAgo: 35 } },
  { name: "Marcus Bell", role: "admin", title: "IT Manager", department: "IT", story: SOMEBODY_ASKS },
  { name: "Sofia Marin", role: "support", title: "Help Desk", department: "IT", story: signedIn(12) },
  { name: "Tyler Brooks", role: "support", title: "Help Desk", department: "IT", story: signedIn(2 * DAY) },
  {
    name: "Maria Gonzalez",
    role: "member",
    title: "Admissions Coordinator",
    department: "Admissions",
    story: { kind: "link_sent", minutesAgo: 4 },
  },
  { name: "Tom Wu", role: "member", title: "Counselor", department: "Clinical", story: signedIn(20) },
  {
    name: "Aisha Khan",
    role: "member",
    title: "Clinical Supervisor",
    department: "Clinical",
    story: { kind: "link_opened", minutesAgo: 26 },
  },
  {
    name: "James O’Connor",
    role: "member",
    title: "Intake Specialist",
    department: "Admissions",
    story: { kind: "back_in", minutesAgo: 50 },
  },
  {
    name: "Emily Carter",
    role: "member",
    title: "Nurse",
    department: "Medical",
    story: { kind: "link_refused", minutesAgo: 17 },
  },
  {
    name: "Noah Fischer",
    role: "member",
    title: "Therapist",
    department: "Clinical",
    story: { kind: "password_set", minutesAgo: 9 },
  },
  {
    name: "Grace Adeyemi",
    role: "member",
    title: "Case Manager",
    department: "Clinical",
    story: { kind: "link_sent", minutesAgo: 3 * HOUR },
  },
  {
    name: "Liam Murphy",
    role: "member",
    title: "Outreach",
    department: "Marketing",
    story: { kind: "mail_waiting", minutesAgo: 6 },
  },
  {
    name: "Chloé Dubois",
    role: "member",
    title: "Dietitian",
    department: "Medical",
    story: { kind: "invited", minutesAgo: 5 * HOUR },
  },
  {
    name: "Ethan Park",
    role: "member",
    title: "Billing Specialist",
    department: "Finance",
    story: { kind: "invited", minutesAgo: 4 * DAY },
  },
  {
    name: "Hannah Schmidt",
    role: "member",
    title: "Nurse",
    department: "Medical",
    story: { kind: "temporary_given", minutesAgo: 13 },
  },
  {
    name: "Samuel Ortiz",
    role: "member",
    title: "Driver",
    department: "Facilities",
    story: { kind: "temporary_expired", minutesAgo: 2 * DAY },
  },
  {
    name: "Ruth Abrams",
    role: "member",
    title: "Psychiatrist",
    department: "Medical",
    story: { kind: "temporary_used", minutesAgo: 21 },
  },
  {
    name: "Kofi Mensah",
    role: "member",
    title: "Counselor",
    department: "Clinical",
    story: { kind: "new_password_required", minutesAgo: 32 },
  },
  {
    name: "Isabella Rossi",
    role: "member",
    title: "Family Therapist",
    department: "Clinical",
    story: { kind: "refused_at_the_door", minutesAgo: 7 },
  },
  {
    name: "Daniel Kim",
    role: "member",
    title: "Utilization Review",
    department: "Finance",
    story: { kind: "mail_bounced", minutesAgo: 41 },
  },
  { name: "Priya Nair", role: "member", title: "Physician", department: "Medical", story: signedIn(55) },
  {
    name: "Walter Hughes",
    role: "member",
    title: "Night Shift Lead",
    department: "Residential",
    story: { kind: "link_copied", minutesAgo: 22 },
  },
  {
    name: "Zoe Bennett",
    role: "member",
    title: "Alumni Coordinator",
    department: "Marketing",
    story: { kind: "link_revoked", minutesAgo: 95 },
  },
  { name: "Hector Alvarez", role: "member", title: "Chef", department: "Facilities", story: NOT_ME },
  {
    name: "Nadia Petrova",
    role: "member",
    title: "Counselor",
    department: "Clinical",
    story: { kind: "locked", minutesAgo: 13 },
  },
  { name: "Brian Cole", role: "no_access", title: "Former Rep", department: "Marketing", story: signedIn(80 * DAY) },
  {
    name: "Megan Doyle",
    role: "member",
    title: "Intake Specialist",
    department: "Admissions",
    story: { kind: "inactive", minutesAgo: 40 * DAY },
  },
  {
    name: "Victor Lang",
    role: "member",
    title: "Counselor",
    department: "Clinical",
    story: { kind: "inactive", minutesAgo: 65 * DAY },
  },
  {
    name: "Yuki Tanaka",
    role: "support",
    title: "Help Desk",
    department: "IT",
    story: { kind: "inactive", minutesAgo: 21 * DAY },
  },
];

/** Another company on the same installation, to be told apart at a glance. */
export const PINE: readonly Person[] = [
  {
    name: "Peter Lindqvist",
    role: "owner",
    title: "Executive Director",
    department: "Management",
    story: signedIn(5 * HOUR),
  },
  { ...DANA, story: { kind: "works_elsewhere_too", minutesAgo: 2 * DAY } },
  { name: "Leah Morgan", role: "support", title: "Front Desk", department: "Admissions", story: signedIn(40) },
  {
    name: "Arthur Bloom",
    role: "member",
    title: "Therapist",
    department: "Clinical",
    story: { kind: "link_sent", minutesAgo: 31 },
  },
  { name: "Camila Torres", role: "member", title: "Nurse", department: "Medical", story: signedIn(HOUR) },
  { name: "George Sims", role: "member", title: "Counselor", department: "Clinical", story: signedIn(DAY) },
  {
    name: "Ines Carvalho",
    role: "member",
    title: "Admissions",
    department: "Admissions",
    story: { kind: "invited", minutesAgo: HOUR },
  },
  { name: "Owen Hart", role: "member", title: "Case Manager", department: "Clinical", story: signedIn(3 * HOUR) },
  {
    name: "Tara Singh",
    role: "member",
    title: "Physician",
    department: "Medical",
    story: { kind: "back_in", minutesAgo: 4 * HOUR },
  },
  {
    name: "Felix Braun",
    role: "member",
    title: "Kitchen",
    department: "Facilities",
    story: { kind: "inactive", minutesAgo: 15 * DAY },
  },
];
