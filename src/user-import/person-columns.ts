import { foldAccents } from "#lib/text.ts";

/** What a file may say of a person; the names are those of the API. */
export type PersonField =
  | "email"
  | "first_name"
  | "last_name"
  | "username"
  | "role"
  | "status"
  | "title"
  | "department"
  | "phone"
  | "mobile"
  | "time_zone"
  | "locale"
  | "reports_to"
  | "password_hash";

export interface PersonColumn {
  readonly field: PersonField;
  /** What its header says. */
  readonly label: string;
  /** What other programs call it, the CRM that this one descends from among them. */
  readonly aliases: readonly string[];
  readonly isRequired?: boolean;
  /** What goes into it, for who makes the file. */
  readonly description: string;
  readonly example: string;
}

/** Every column that is known, in the order of the template. */
export const PERSON_COLUMNS: readonly PersonColumn[] = [
  {
    field: "email",
    label: "Email",
    aliases: ["Email Address", "E-mail", "Primary Email", "email1"],
    isRequired: true,
    description: "Each person’s own; no two share one.",
    example: "maria@oak.example",
  },
  {
    field: "first_name",
    label: "First Name",
    aliases: [],
    isRequired: true,
    description: "Up to 100 characters.",
    example: "Maria",
  },
  {
    field: "last_name",
    label: "Last Name",
    aliases: [],
    isRequired: true,
    description: "Up to 100 characters.",
    example: "Gonzalez",
  },
  {
    field: "username",
    label: "User Name",
    aliases: ["Username", "Login"],
    description: "Left empty, it is made from the address.",
    example: "maria.g",
  },
  {
    field: "role",
    label: "Role",
    aliases: [],
    description: "Owner, Admin, Support, Member or No Access. Left empty, Member.",
    example: "Member",
  },
  {
    field: "status",
    label: "Status",
    aliases: [],
    description: "Active or Inactive. Left empty, Active.",
    example: "Active",
  },
  {
    field: "title",
    label: "Title",
    aliases: ["Job Title"],
    description: "Up to 100 characters.",
    example: "Night nurse",
  },
  {
    field: "department",
    label: "Department",
    aliases: [],
    description: "Up to 100 characters.",
    example: "Residential",
  },
  {
    field: "phone",
    label: "Office Phone",
    aliases: ["Phone", "Work Phone", "phone_work"],
    description: "Up to 50 characters.",
    example: "+1 555 0100",
  },
  {
    field: "mobile",
    label: "Mobile",
    aliases: ["Mobile Phone", "phone_mobile"],
    description: "Up to 50 characters.",
    example: "+1 555 0101",
  },
  {
    field: "time_zone",
    label: "Time Zone",
    aliases: [],
    description: "Left empty, the one of the instance.",
    example: "America/New_York",
  },
  {
    field: "reports_to",
    label: "Reports To",
    aliases: ["Manager", "Supervisor", "reports_to_id"],
    description: "User name or address of somebody who is here already or in the same file.",
    example: "tom.wu",
  },
  { field: "locale", label: "Language", aliases: ["Locale"], description: "By its code.", example: "en-US" },
  {
    field: "password_hash",
    label: "Password Hash",
    aliases: [],
    description:
      "As the former system kept it: argon2, bcrypt, phpass, PBKDF2 or scrypt. The password that it was made from works here.",
    example: "$2y$10$…",
  },
];

const COLUMNS_BY_NAME = new Map(
  PERSON_COLUMNS.flatMap((column) =>
    [column.label, column.field, ...column.aliases].map((name) => [simplify(name), column] as const),
  ),
);

const PASSWORD_NAMES = /password|passwd|passphrase|passwort|kennwort|pwd/;

/** @returns the column that a header means: case, accents, spaces and signs do not matter; undefined for none that is known. */
export function findColumn(header: string): PersonColumn | undefined {
  return COLUMNS_BY_NAME.get(simplify(header));
}

/** @returns whether a column that is not known may hold passwords as people type them, to judge by its name. */
export function soundsLikePasswords(header: string): boolean {
  return PASSWORD_NAMES.test(simplify(header));
}

/** @returns the text by its letters and digits alone, in lower case: `E-Mail` and `email` are the same, `No Access` and `no_access`. */
export function simplify(text: string): string {
  return foldAccents(text).replace(/[^\p{L}\p{N}]+/gu, "");
}
