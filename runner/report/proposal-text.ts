/** The pull request of a gate: all that a person needs on a phone, and nothing that acts by itself. */
import { alternativesText } from "./alternatives-text.ts";
import { cutMarkdown } from "./cut-markdown.ts";
import { decisionParts, followLines } from "./decision-text.ts";
import { markdownCode, markdownFence, markdownText } from "./markdown-text.ts";
import { stepGraph } from "./step-graph-text.ts";
import { terminalText } from "./terminal-text.ts";
import { usd, usdAtMost } from "./money.ts";
import { counted, listed, riskText } from "./words.ts";
import { amountWords, perWords } from "#runner/core/money/amount-words.ts";
import { microsOf } from "#runner/core/money/amount.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import { assentCommand, expiryWords } from "#runner/core/gate/gate-command.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { agentStepsAfter } from "#runner/core/step-graph.ts";
import type {
  BriefingProposal,
  ProposalInput,
  ProposalText,
  ProposedItem,
} from "#runner/core/gate/proposal-input.ts";
import type { CapRaise } from "#runner/schema/types.gen.ts";

/** GitHub takes 65,536 characters, and counts some of them twice. */
const LONGEST_BODY = 60_000;
/** What the sections around the items may take. */
const AROUND = 20_000;
const LONGEST_ITEM = 12_000;
const LONGEST_TITLE = 120;

export function proposalText(input: ProposalInput): ProposalText {
  const { gate, policy } = input;
  const title = titleText(`${gate.title} · ${riskText(gate.risk, policy)}`);
  const [how, what] = gate.asks === undefined ? APPROVAL : QUESTION;
  const sections = [how, facts(input), `## ${what}\n\n${items(input)}`, ...around(input)];
  const body = `${cutMarkdown(sections.join("\n\n"), LONGEST_BODY - 200, REST)}\n`;
  return { title, body: `${body}\n${markOf({ title, body })}\n`, labels: ["fettle"] };
}

const REST = "**The rest does not fit here**: it stands in the files of the branch.";

const APPROVAL = [
  "**Merge** = approve · **Close** = reject · **edit the files, then merge** = approve your version",
  "What you approve",
] as const;
const QUESTION = [
  "**Fill in the file below, then merge** = your answer · **Close** = no answer",
  "What you are asked",
] as const;

/** Nobody sees it; it says what the text was made of. */
function markOf(text: object): string {
  return `<!-- fettle:proposal ${digestOf(text)} -->`;
}

/** One line; a number after # would link to an issue, and close it with the merge. */
function titleText(text: string): string {
  const line = terminalText(text)
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/#(?=\d)/gu, "no. ")
    .trim();
  return cutLine(line.replaceAll("@", "@\u200b"), LONGEST_TITLE);
}

function facts(input: ProposalInput): string {
  const { gate, run, policy } = input;
  const { answerBy, onExpire, vetoUntil = null } = gate;
  const lines = [
    `- ${riskText(gate.risk, policy)} of 100: ${gate.risk.factors.map(({ points, why }) => `${points < 0 ? "" : "+"}${points} ${markdownText(why)}`).join(", ")}`,
    `- ${markdownText(usd(gate.costMicros))} spent so far; what follows may take ${markdownText(usdAtMost(mostToCome(input)))} more at most`,
    ...madeBy(run),
    `- ${markdownText(gate.project)} / ${markdownText(gate.pipeline)}, because ${markdownText(run.record.because)}`,
    ...followLines(run, gate).map((line) => `- ${line}`),
    ...(vetoUntil === null ? [] : [`- Without an objection by ${vetoUntil} it goes on by itself.`]),
    ...(answerBy === null
      ? []
      : [`- Without an answer by ${answerBy} it ${expiryWords(onExpire)}.`]),
  ];
  return lines.join("\n");
}

/** Whose work it is, and by which means where it is not the one that was meant. */
function madeBy({ attempts }: ProposalInput["run"]): readonly string[] {
  const made = attempts
    .filter(({ outcome }) => outcome === "succeeded")
    .map(({ agent, version, rung, degraded }) => {
      const less = degraded === undefined ? "" : ` (by ${rung}, because ${degraded})`;
      return `${markdownCode(agent)} ${markdownText(`${version}${less}`)}`;
    });
  const makers = [...new Set(made)];
  return makers.length === 0 ? [] : [`- Made by ${listed(makers, MAKERS)}`];
}

const MAKERS = 5;

/** What the limits of the agents that come after it allow, each once for every item that is shown. */
function mostToCome({ gate, run, items: shown }: ProposalInput): number {
  return agentStepsAfter(run.pipeline, gate.step).reduce((sum, step) => {
    const limit = run.agents.get(agentName(step.agent))?.manifest.limits.usd ?? 0;
    return sum + microsOf(limit) * (step.forEach === undefined ? 1 : Math.max(shown.length, 1));
  }, 0);
}

/** As many items as fit, each in full where that is possible at all; what is cut off is said. */
function items({ gate, items: all }: ProposalInput): string {
  if (gate.raises !== undefined) return raiseText(gate.raises);
  if (all.length === 0) return "Files only: see below.";
  const shown: string[] = [];
  let left = LONGEST_BODY - AROUND;
  for (const proposed of all) {
    const text = itemText(proposed);
    if (text.length > left) break;
    shown.push(text);
    left -= text.length + 2;
  }
  const more = all.length - shown.length;
  if (more > 0) {
    const where = markdownCode(gate.folder);
    shown.push(
      `**and ${counted(more, "more item")} that do not fit here**: every one has its file in ${where} on the branch.`,
    );
  }
  return shown.join("\n\n");
}

function raiseText({ file, per, axis, from, to }: CapRaise): string {
  const change = `${amountWords(axis, from)} ${perWords(per)} becomes ${amountWords(axis, to)} ${perWords(per)}`;
  return `A higher cap in ${markdownCode(file)}: ${markdownText(change)}.`;
}

/** The pull request of a briefing: its index, as far as that fits. */
export function briefingProposal({ id, head, index }: BriefingProposal): ProposalText {
  const body = cutMarkdown(index.trimEnd(), LONGEST_BODY - 200, REST);
  return {
    title: `Decide together: ${id}`,
    body: `${body}\n\n<!-- fettle ${id} ${head} -->\n`,
    labels: ["fettle"],
  };
}

function itemText({ item, outputs }: ProposedItem): string {
  const name = item.key === null ? item.show : `${item.show}: ${item.key}`;
  const text = contentText(outputs);
  const isCut = text.length > LONGEST_ITEM;
  const rest = isCut
    ? [
        `cut here: ${text.length - LONGEST_ITEM} more characters in ${markdownCode(item.path)} on the branch`,
      ]
    : [];
  return [
    `### ${markdownText(name)}`,
    markdownFence(cutLine(text, LONGEST_ITEM), "text"),
    ...rest,
  ].join("\n\n");
}

/** Each field by name; a text with several lines as it will be sent. */
function contentText(outputs: unknown): string {
  if (typeof outputs === "string") return outputs;
  if (typeof outputs !== "object" || outputs === null || Array.isArray(outputs)) {
    return JSON.stringify(outputs, null, 2);
  }
  return Object.entries(outputs)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
      return text.includes("\n") ? `${name}:\n${text}` : `${name}: ${text}`;
    })
    .join("\n\n");
}

function around(input: ProposalInput): readonly string[] {
  const { gate, run } = input;
  const parts = decisionParts(input);
  const graph = stepGraph(run, gate.step);
  const sections = [
    ...(gate.deliverables.length === 0 ? [] : [`## Files\n\n${parts.files}`]),
    `## What happens next\n\n${parts.effects}`,
    `## ${gate.asks === undefined ? "Alternatives" : "If you give no answer"}\n\n${alternativesText(input, mostToCome(input))}`,
    `## So far\n\n${parts.soFar}`,
    `## How to answer\n\n${answers(input)}`,
    ...(graph === "" ? [] : [`<details><summary>The run</summary>\n\n${graph}\n\n</details>`]),
  ];
  return [cutMarkdown(sections.join("\n\n"), AROUND - 1000, REST)];
}

function answers({ gate }: ProposalInput): string {
  if (gate.asks !== undefined) return questionAnswers(gate);
  const other =
    gate.raises === undefined
      ? `edit the files in ${markdownCode(gate.folder)} on the branch (only ${markdownCode("outputs")}), then merge. Delete a file to leave its item out.`
      : `edit ${markdownCode(gate.raises.file)} on the branch, then merge.`;
  const [approve, reject] = ["/fettle approve", "/fettle reject <reason>"].map(markdownCode);
  return [
    "- **Approve**: merge this pull request.",
    `- **Approve something else**: ${other}`,
    "- **Reject**: close this pull request.",
    `- In a comment: ${approve} or ${reject}; ${markdownCode("/fettle explain")} says what the risk is made of.`,
    `- In a terminal: ${markdownCode(`fettle approve ${gate.id}`)}, ${markdownCode(`fettle reject ${gate.id} --reason "..."`)}`,
  ].join("\n");
}

/** A form is filled in on the branch, which GitHub lets edit in the browser. */
function questionAnswers(gate: ProposalInput["gate"]): string {
  const [file = ""] = gate.items.map(({ path }) => path);
  return [
    `- **Answer**: edit ${markdownCode(file)} on the branch ${markdownCode(gate.branch)} (the pencil under "Files changed"), commit there, then merge this pull request. What does not fit the form is refused, with the line, and nothing goes on before it is mended.`,
    "- **Give no answer**: close this pull request.",
    `- In a terminal: ${markdownCode(assentCommand(gate))}, ${markdownCode(`fettle reject ${gate.id} --reason "..."`)}`,
  ].join("\n");
}

/** Whole letters only. */
function cutLine(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const letters = Array.from(text.slice(0, longest));
  return `${letters.slice(0, -1).join("")}…`;
}
