/** The index of a briefing: what a person reads first, a line for each gate. */
import type { BriefingInput } from "#runner/core/gate/briefing.ts";
import { expiryWords } from "#runner/core/gate/gate-command.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { markdownCode, markdownTable, markdownText } from "./markdown-text.ts";
import { summaryOf } from "./decision-text.ts";
import { counted, listed, riskText } from "./words.ts";

/** Markdown. Text from agents is literal, as in decision records. */
export function briefingText({ id, gates, policy }: BriefingInput): string {
  const rows = gates.map(({ open: { gate, items }, answerBy, vetoUntil }, index) => [
    String(index + 1),
    markdownText(gate.title),
    markdownText(
      listed(
        items.flatMap(({ key }) => key ?? []),
        3,
      ),
    ) || "–",
    markdownText(summaryOf(items[0]?.outputs)) || "–",
    riskText(gate.risk, policy),
    deadlineText({ answerBy, vetoUntil, onExpire: gate.onExpire }),
    markdownCode(gate.folder),
  ]);
  const columns = ["", "What", "For", "It says", "Risk", "Until", "Decision"];
  return `${[
    `# Briefing: ${counted(gates.length, "decision")}`,
    markdownTable(columns, rows),
    "## How to answer",
    [
      `- All of them: ${markdownCode(`fettle approve ${id}`)}, or merge this branch into main and push.`,
      `- All but the second: ${markdownCode(`fettle approve ${id} --except 2`)}, or delete its folder, or write \`decision: rejected\` in its decision.md, and merge then.`,
      "- One alone: `fettle approve <gate>` or `fettle reject <gate>`, with the name of its folder. The others stay open.",
      "- None: delete the branch, or close the pull request.",
      "- Something else: edit the files of the items (only `outputs`), and merge then.",
    ].join("\n"),
  ].join("\n\n")}\n`;
}

interface Deadline {
  readonly answerBy: string | null;
  readonly vetoUntil: string | null;
  readonly onExpire: GateRecord["onExpire"];
}

function deadlineText({ answerBy, vetoUntil, onExpire }: Deadline): string {
  if (vetoUntil !== null) return `${vetoUntil}: then it goes on unless you object`;
  if (answerBy === null) return "–";
  return `${answerBy}: then it ${expiryWords(onExpire)}`;
}
