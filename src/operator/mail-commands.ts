import { listInstances } from "#instances/instance.ts";
import type { Deps } from "#platform/deps.ts";
import { examineMail } from "#mail-doctor/examine-mail.ts";
import { CHECKS, type Finding } from "#mail-doctor/finding.ts";
import { chooseInstance, type Command, type Options, type Said, text } from "./command.ts";

/** What the operator does about mails. */
export const MAIL_COMMANDS: Readonly<Record<string, Command>> = {
  doctor: { usage: "doctor [--instance <origin>]", run: runDoctor },
};

/** All active instances unless one is named: whoever runs the mail server answers for all of them. */
async function runDoctor(deps: Deps, options: Options): Promise<Said> {
  const isNamed = text(options, "instance") !== undefined;
  const instances = isNamed ? [(await chooseInstance(deps, options)).instance] : await listInstances(deps.db);
  const findings = await examineMail(
    deps,
    instances.filter(({ status }) => status === "active"),
  );
  const hasFault = findings.some(({ result }) => result === "fault");
  return { text: asText(findings), json: { findings }, exitCode: hasFault ? 1 : 0 };
}

/** A heading for each subject, its checks beneath, and what it comes to as the last line. */
function asText(findings: readonly Finding[]): string {
  const subjects = [...new Set(findings.map(({ subject }) => subject))];
  const blocks = subjects.map((subject) =>
    [subject, ...findings.filter((finding) => finding.subject === subject).map(linesOf)].join("\n"),
  );
  return [...blocks, summaryOf(findings)].join("\n\n");
}

const INDENT = " ".repeat(11);

function linesOf({ check, result, found, change, record }: Finding): string {
  return [
    `  ${result.padEnd(9)}${CHECKS[check]}: ${found}`,
    ...(change ? [`${INDENT}${change}`] : []),
    ...(record ? [`${INDENT}${record.name}  ${record.type}  ${record.value}`] : []),
  ].join("\n");
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Finding["result"]): number => findings.filter(({ result }) => result === wanted).length;
  const [faults, warnings] = [count("fault"), count("warning")];
  if (faults + warnings === 0) return "Nothing is wrong with how mails leave, as far as it could be looked at.";
  const counted = (many: number, noun: string): string => `${many} ${noun}${many === 1 ? "" : "s"}`;
  return `${counted(faults, "fault")}, ${counted(warnings, "warning")}.`;
}
