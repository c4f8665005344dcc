import { DANA, DAY, HOUR, type Person, signedIn } from "./person.ts";

/** Another company on the same installation, to be told apart at a glance. */
export const PINE: readonly Person[] = [
  {
    name: "Peter Lindqvist",
    role: "owner",
    title: "Executive Director",
    department: "Management",
    story: signedIn(5 * HOUR),
  },
  { ...DANA, story: signedIn(2 * DAY) },
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
