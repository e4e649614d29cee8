/** The decision record of a gate: what a person reads before approving, and what main keeps afterwards. */
import { markdownCode, markdownFence, markdownTable, markdownText } from "./markdown-text.ts";
import { usedMemoryText } from "./used-memory-text.ts";
import { usd } from "./money.ts";
import { counted, gateCommands, riskText } from "./words.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import { agentStepsAfter } from "#runner/core/step-graph.ts";
import { expiryWords } from "#runner/core/gate/gate-command.ts";
import { fieldWords } from "#runner/core/gate/form.ts";
import type { GateOpen, GateShown, Question } from "#runner/core/gate/gate-action.ts";
import type { DecisionInput } from "#runner/core/gate/decision-input.ts";
import type { ProposalInput } from "#runner/core/gate/proposal-input.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { askedWords } from "#runner/core/rework.ts";
import type { AgentStep, GateRecord } from "#runner/schema/types.gen.ts";

/**
 * Markdown with YAML front matter (`decision`, `gate`, `run`, `project`, `pipeline`, `step`, `planDigest`, `risk`, `answerBy`).
 * `decision: approved` takes effect only when it stands on main. Text from agents is literal: no HTML, links, images or mentions.
 */
export function decisionText(input: DecisionInput): string {
  const { open, run, change, memory } = input;
  const { gate } = open;
  const sections = [
    `# ${markdownText(gate.title)}`,
    markdownText(open.because),
    ...followLines(run, gate),
    ...(open.question === undefined ? [] : [questionText(open.question)]),
    section(
      open.question === undefined ? "What approval does" : "What comes after it",
      change === undefined ? effects(run, gate.step) : changeLines(gate.claims, change),
    ),
    section("Risk", riskLines(input)),
    ...(open.items.length === 0 || open.question !== undefined
      ? []
      : [section("What you approve", itemTable(open.items))]),
    ...(gate.deliverables.length === 0 ? [] : [section("Files", fileTable(gate.deliverables))]),
    ...(memory === undefined ? [] : [section("What was remembered", usedMemoryText(memory))]),
    section("So far", soFar(input)),
    section("How to answer", answerLines(input)),
  ];
  return `${frontMatter(input)}\n${sections.join("\n\n")}\n`;
}

/** At which gate changes were asked for, and with what words. */
export function followLines(run: OpenRun, { follows }: Pick<GateRecord, "follows">): string[] {
  if (follows === undefined) return [];
  const words = askedWords(run, follows);
  const said = words === null ? "" : `: ${markdownText(words)}`;
  return [
    `Made anew (${follows.time}.) after changes were asked for at ${markdownCode(follows.gate)}${said}`,
  ];
}

/** Parts of the record that a pull request shows, too. */
export function decisionParts({ gate, run }: Pick<ProposalInput, "gate" | "run">): {
  readonly effects: string;
  readonly files: string;
  readonly soFar: string;
} {
  return {
    effects: effects(run, gate.step),
    files: fileTable(gate.deliverables),
    soFar: soFar({ open: { gate }, run }),
  };
}

function frontMatter({ open: { gate }, planDigest, answerBy }: DecisionInput): string {
  const fields = {
    decision: "approved",
    gate: gate.id,
    run: gate.run,
    project: gate.project,
    pipeline: gate.pipeline,
    step: gate.step,
    planDigest,
    risk: gate.risk.score,
    answerBy,
  };
  // JSON is YAML: a quoted string, a number, null. Only the word to edit stands bare.
  const lines = Object.entries(fields).map(([name, value]) =>
    name === "decision" ? `${name}: ${value}` : `${name}: ${JSON.stringify(value)}`,
  );
  return ["---", ...lines, "---", ""].join("\n");
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}

function effects({ pipeline, agents }: OpenRun, gate: string): string {
  const steps = agentStepsAfter(pipeline, gate);
  if (steps.length === 0) return "Nothing runs after it; the decision and the files are kept.";
  return steps.map((step) => `- ${effectText(step, agents)}`).join("\n");
}

/** The whole question, with a line for each field. */
function questionText({ text, about, form }: Question): string {
  const { required = [], properties } = form;
  const rows = Object.entries(properties).map(([name, field]) => [
    markdownCode(name),
    markdownText(field.title ?? field.description ?? "") || "–",
    markdownText(fieldWords(field)),
    required.includes(name) ? "must be answered" : "may stay empty",
  ]);
  const fields = markdownTable(["Field", "", "Takes", ""], rows);
  const whole = [text, ...(about === "" ? [] : [about])].join("\n\n");
  return `${markdownFence(whole, "text")}\n\n${fields}`;
}

function changeLines(
  [file = ""]: readonly string[],
  { line, before, after }: NonNullable<DecisionInput["change"]>,
): string {
  const diff = markdownFence(`-${before}\n+${after}`, "diff");
  const then = "What waits for it goes on at the next `fettle reconcile`.";
  return `It changes line ${line} of ${markdownCode(file)}, and nothing else:\n\n${diff}\n\n${then}`;
}

function effectText(step: AgentStep, agents: OpenRun["agents"]): string {
  const name = agentName(step.agent);
  const manifest = agents.get(name)?.manifest;
  const role = manifest === undefined ? "" : ` ${markdownText(manifest.role)}`;
  const who = `${markdownCode(step.id)} runs ${markdownCode(name)}${step.forEach === undefined ? "" : " for each item"}.${role}`;
  if (manifest?.effects !== "external") return who;
  return `${who} **It reaches the outside world.**${undoText(step)}`;
}

function undoText({ compensate }: AgentStep): string {
  if (compensate?.agent !== undefined) {
    return ` ${markdownCode(agentName(compensate.agent))} can undo it.`;
  }
  const why = compensate?.none;
  return why === undefined ? "" : ` It cannot be undone: ${markdownText(why)}.`;
}

function riskLines({ open: { gate }, policy }: DecisionInput): string {
  const factors = gate.risk.factors.map(
    ({ points, why }) => `- ${points < 0 ? "" : "+"}${points} ${markdownText(why)}`,
  );
  return [
    `${capital(riskText(gate.risk, policy))} of 100.`,
    ...(factors.length > 0 ? ["", ...factors] : []),
  ].join("\n");
}

const itemsShown = 100;

function itemTable(items: readonly GateShown[]): string {
  const rows = items
    .slice(0, itemsShown)
    .map(({ show, key, outputs }) => [
      markdownText(show),
      key === null ? "–" : markdownText(key),
      markdownText(summaryOf(outputs)) || "–",
    ]);
  const more = items.length - rows.length;
  const table = markdownTable(["Shown as", "Item", "Content"], rows);
  return more > 0
    ? `${table}\n\nand ${more} more; every item has its file beside this one.`
    : table;
}

/** The texts of a value, cut to one line; the whole stands in the item's file. */
export function summaryOf(outputs: unknown): string {
  const words = texts(outputs).join(" / ").replaceAll(/\s+/gu, " ");
  const letters = Array.from(words);
  return letters.length > 120 ? `${letters.slice(0, 119).join("")}…` : words;
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "boolean") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(texts);
}

function fileTable(files: GateOpen["gate"]["deliverables"]): string {
  const rows = files.map(({ path, was, bytes }) => [
    markdownCode(path),
    was === null ? "new" : "changed",
    counted(bytes, "byte"),
  ]);
  return markdownTable(["Path", "", "Size"], rows);
}

type Told = Pick<DecisionInput, "run"> & {
  readonly open: { readonly gate: Pick<GateOpen["gate"], "run" | "costMicros"> };
};

function soFar({ open: { gate }, run }: Told): string {
  const rationale = run.attempts.findLast((attempt) => attempt.rationale !== "")?.rationale;
  const lines = [
    `- Run: ${markdownCode(gate.run)}, because ${markdownText(run.record.because)}`,
    `- Cost: ${markdownText(usd(gate.costMicros))}`,
    ...failureLines(run),
  ];
  const said =
    rationale === undefined
      ? []
      : ["", "The agent says (not checked):", "", markdownFence(rationale, "text")];
  return [...lines, ...said].join("\n");
}

function failureLines({ attempts }: OpenRun): string[] {
  const failed = attempts.filter(
    ({ state, outcome }) => state === "finished" && outcome !== "succeeded" && outcome !== "noop",
  );
  const retried = new Set(
    attempts
      .filter(({ outcome }) => outcome === "succeeded")
      .map(({ step, item }) => `${step}\n${item}`),
  );
  const lost = failed.filter(({ step, item }) => !retried.has(`${step}\n${item}`));
  return lost.map(
    ({ step, item, reason }) =>
      `- Not among them: ${markdownText(item ?? step)} (${markdownText(reason)})`,
  );
}

function answerLines({ open: { gate, briefing }, answerBy, vetoUntil }: DecisionInput): string {
  const commands = gateCommands(gate);
  const expiry =
    answerBy === null
      ? []
      : [`- Without an answer by ${answerBy} it ${expiryWords(gate.onExpire)}.`];
  const veto =
    vetoUntil === null
      ? []
      : [`- Without an objection by ${vetoUntil} it goes on by itself, as it stands here.`];
  const whole =
    briefing === undefined ? "" : `, which approves all that ${markdownCode(briefing.id)} shows`;
  if (gate.asks !== undefined) {
    return [
      `- Answer: fill in ${markdownCode(`${gate.folder}/answer.yaml`)} on the branch ${markdownCode(gate.branch)}, merge it into main and push${whole}; or ${markdownCode(commands.approve)}.`,
      `- No answer: ${markdownCode(commands.reject)}, or write \`decision: rejected\` above and merge.`,
      ...expiry,
    ].join("\n");
  }
  return [
    `- Approve: ${markdownCode(commands.approve)}, or merge the branch ${markdownCode(gate.branch)} into main and push${whole}.`,
    ...editLines(gate),
    `- Reject: ${markdownCode(commands.reject)}, or write \`decision: rejected\` above and merge.`,
    ...veto,
    ...expiry,
  ].join("\n");
}

function editLines({ id, folder, raises }: GateOpen["gate"]): readonly string[] {
  if (raises !== undefined) {
    return [`- Another amount: edit ${markdownCode(raises.file)} on that branch, and merge then.`];
  }
  return [
    `- Change something first: edit the files of the items in ${markdownCode(folder)} (only \`outputs\`), or the deliverables, and merge then.`,
    "- Leave one item out: delete its file, and merge then.",
    `- Have it made anew: ${markdownCode(`fettle reject ${id} --reason "what to change" --retry`)}; a new gate shows it.`,
  ];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
