import { parseArgs } from "node:util";

import { type FieldFault, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { type Command, type Input, type InputSource, type Options, UsageError } from "./command.ts";
import { AUDIT_COMMANDS } from "./audit-commands.ts";
import { INSTANCE_COMMANDS } from "./instance-commands.ts";
import { MAIL_COMMANDS } from "./mail-commands.ts";
import { RECOVERY_COMMANDS } from "./recovery-commands.ts";
import { USER_COMMANDS } from "./user-commands.ts";

/** What a command leaves: lines for the terminal and the exit code, 0 done, 1 refused, 2 not understood. */
export interface CommandResult {
  readonly exitCode: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

const OPTIONS = {
  name: { type: "string" },
  origin: { type: "string" },
  owner: { type: "string" },
  instance: { type: "string" },
  email: { type: "string" },
  "first-name": { type: "string" },
  "last-name": { type: "string" },
  username: { type: "string" },
  role: { type: "string" },
  status: { type: "string" },
  invite: { type: "boolean" },
  print: { type: "boolean" },
  typed: { type: "boolean" },
  verified: { type: "string" },
  note: { type: "string" },
  head: { type: "string" },
  json: { type: "boolean" },
} as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  ...INSTANCE_COMMANDS,
  ...USER_COMMANDS,
  ...RECOVERY_COMMANDS,
  ...MAIL_COMMANDS,
  ...AUDIT_COMMANDS,
  migrate: { usage: "migrate", run: async () => ({ text: "The database is up to date.", json: { migrated: true } }) },
};

/** @returns what a command reads beside its words, if anything. @throws UsageError */
export function inputOf(argv: readonly string[]): InputSource | undefined {
  const { command, options } = parse(argv);
  return command.inputOf?.(options);
}

/**
 * Does one command of the operator. Never throws for what is refused; a defect is thrown on.
 * @param input the content of what `inputOf` named. It may be left half read.
 */
export async function runCommand(deps: Deps, argv: readonly string[], input: Input = []): Promise<CommandResult> {
  const asJson = argv.includes("--json");
  try {
    const { command, options } = parse(argv);
    const said = await command.run(deps, options, input);
    const stdout = asJson ? JSON.stringify(said.json) : said.text;
    return { exitCode: said.exitCode ?? 0, stdout: `${stdout}\n`, stderr: "" };
  } catch (error) {
    if (error instanceof UsageError) return notUnderstood(argv, error);
    if (!(error instanceof RekeyError)) throw error;
    const reasons = error.fields.map((fault) => `  ${placeOf(fault)}: ${fault.detail}\n`).join("");
    return {
      exitCode: 1,
      stdout: asJson
        ? problemLine({ code: error.code, title: error.title, detail: error.detail, errors: error.fields })
        : "",
      stderr: `${error.title} ${error.detail}\n${reasons}`,
    };
  }
}

/** @returns what is said of a command line that is not right. */
export function notUnderstood(argv: readonly string[], { message }: UsageError): CommandResult {
  const problem = { code: "not_understood", title: "The command was not understood.", detail: message };
  return { exitCode: 2, stdout: argv.includes("--json") ? problemLine(problem) : "", stderr: `${message}\n` };
}

/** @returns what a program is told of a command that was not done, in the words of the API. */
export function problemLine(problem: Problem): string {
  const { code, title, detail, errors = [] } = problem;
  return `${JSON.stringify({ code, title, detail, errors })}\n`;
}

interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly FieldFault[];
}

/** @returns every command with its arguments, a line each. */
export function usage(): string {
  const lines = Object.values(COMMANDS).map((command) => `  npm run rekey -- ${command.usage} [--json]`);
  return ["Usage:", ...lines].join("\n");
}

function parse(argv: readonly string[]): { command: Command; options: Options } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    for (const length of [2, 1]) {
      const name = positionals.slice(0, length).join(" ");
      const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
      if (command)
        return { command, options: requireTaken(command, { words: positionals.slice(length), flags: values }) };
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${error instanceof Error ? error.message : ""}\n${usage()}`);
  }
  throw new UsageError(usage());
}

/** @throws UsageError for what the command would pass over, though somebody meant something by it. */
function requireTaken({ usage: line }: Command, options: Options): Options {
  const { words, flags } = options;
  const named = new Set(["json", ...Array.from(line.matchAll(/--([\w-]+)/g), ([, name]) => name)]);
  const [beforeOptions = ""] = line.split(/ \[?--/);
  const places = beforeOptions.match(/<[^>]*>/g) ?? [];
  const stray = Object.keys(flags).find((name) => !named.has(name));
  const left = stray === undefined ? words[places.length] : `--${stray}`;
  if (left === undefined) return options;
  throw new UsageError(`This command does not take ${left}. Its usage:\n  npm run rekey -- ${line} [--json]`);
}

function placeOf({ line, field }: FieldFault): string {
  return [line === undefined ? "" : `line ${line}`, field].filter(Boolean).join(", ");
}
