/** What a verification found. */
import { printLines, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { counted } from "./words.ts";

export interface VerificationReport {
  readonly verdict: "verified" | "incomplete" | "broken";
  readonly checked: {
    readonly commits: number;
    readonly events: number;
    readonly records: number;
    readonly payloads: number;
    readonly approvals: number;
    readonly expired: number;
  };
  readonly findings: readonly {
    readonly rule: string;
    readonly where: string;
    readonly message: string;
  }[];
}

/** The verdict, what it rests on, and each finding with the rule that it breaks. */
export function renderVerification(report: VerificationReport, look: Look): string {
  const { findings } = report;
  return printLines(
    [verdictLine(report, look), checkedLine(report), ...findings.flatMap(findingLines)],
    look,
  );
}

function verdictLine({ verdict, findings }: VerificationReport, look: Look): Line {
  const signs = signsOf(look);
  switch (verdict) {
    case "verified":
      return [toned("good", `${signs.ok} verified`)];
    case "incomplete":
      return [
        toned("warn", `${signs.attention} incomplete: part of the history cannot be checked here`),
      ];
    case "broken":
      return [toned("bad", `${signs.failed} broken: ${counted(findings.length, "finding")}`)];
  }
}

function checkedLine({ checked }: VerificationReport): Line {
  const parts = [
    counted(checked.commits, "commit"),
    counted(checked.events, "event"),
    counted(checked.records, "record"),
    counted(checked.payloads, "payload"),
    counted(checked.approvals, "approval"),
    ...(checked.expired === 0 ? [] : [`${checked.expired} expired`]),
  ];
  return [`checked ${parts.join(", ")}`];
}

function findingLines(finding: VerificationReport["findings"][number]): readonly Line[] {
  const { rule, where, message } = finding;
  return [[toned("bad", rule), `  ${where}`], [`  ${message}`]];
}
