/** The dashboard on the forge: what waits for a person first, for a phone, and nothing that acts by itself. */
import { cutMarkdown } from "./cut-markdown.ts";
import { markdownCode, markdownTable, markdownText } from "./markdown-text.ts";
import { usd } from "./money.ts";
import { counted, riskText } from "./words.ts";
import { amountWords, perWords } from "#runner/core/money/amount-words.ts";
import { localDay, localTime } from "#runner/core/time/calendar.ts";
import { subjectText } from "#runner/core/explanation.ts";
import { GATE_TROUBLES, troubleOf } from "#runner/core/gate/gate-answer.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { scopeName, stopHold, stopsIn, stopWords } from "#runner/core/stop.ts";
import { goesOnAt } from "#runner/core/gate/snooze.ts";
import type { Hold } from "#runner/core/action.ts";
import type { HoldReason } from "#runner/core/hold-reason.ts";
import type { DashboardInput, DashboardText } from "#runner/core/dashboard-input.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";

/** GitHub takes 65,536 characters. */
const LONGEST_BODY = 60_000;
/** Of each section; a phone shows no more anyway. */
const SHOWN = 20;

export function dashboardText(input: DashboardInput): DashboardText {
  const sections = [
    section("Needs you", needsYou(input)),
    section("Queued", queued(input), "fettle gates --more"),
    section("Blocked", blocked(input), "fettle status"),
    section("Running", running(input), "fettle status"),
    doneText(input),
    budget(input),
  ].filter((text) => text !== "");
  const zone = timezoneOf(input.workspace.settings);
  const head = `fettle keeps this text up to date: whatever is changed here is written over. Times are those of ${markdownText(zone)}.`;
  const body = [head, ...(sections.length === 0 ? ["All is quiet."] : sections)].join("\n\n");
  return { title: "fettle: dashboard", body: `${cutMarkdown(body, LONGEST_BODY, REST)}\n` };
}

const REST = "**The rest does not fit here**: `fettle status` shows it.";

/** A heading that counts, and the first lines; nothing where there are none. */
function section(title: string, lines: readonly string[], more = "fettle status"): string {
  if (lines.length === 0) return "";
  const left = lines.length - SHOWN;
  return [
    `## ${markdownText(title)} (${lines.length})\n`,
    ...lines.slice(0, SHOWN).map((text) => `- ${text}`),
    ...(left > 0 ? [`- and ${left} more: ${markdownCode(more)}`] : []),
  ].join("\n");
}

/** Of facts in one line, those that are there. */
function line(...facts: readonly (string | null)[]): string {
  return facts.filter((fact) => fact !== null).join(" · ");
}

function instant({ workspace }: DashboardInput, at: string): string {
  const zone = timezoneOf(workspace.settings);
  return `${localDay(at, zone)} ${localTime(at, zone)}`;
}

function needsYou(input: DashboardInput): readonly string[] {
  const { observed, late } = input;
  const gates = [...observed.gates.values()]
    .map(({ record }) => record)
    .filter((gate) => !isPutOff(input, gate))
    .toSorted(byUrgency);
  const doubts = [...observed.summaries.projects.values()].flatMap(
    ({ uncertain = [] }) => uncertain,
  );
  return [
    ...gates.map((gate) => gateLine(input, gate)),
    ...doubts.map(({ onceKey, agent, reason }) =>
      line(
        `**${markdownText(onceKey)}** is in doubt: ${markdownText(`${agent} may or may not have done it: ${reason}`)}`,
        `${markdownCode(`fettle answer ${onceKey} happened`)} or ${markdownCode("did-not")}`,
      ),
    ),
    ...late.map(({ title, why, unblock }) =>
      line(`**${markdownText(title)}** was approved too late`, markdownText(why), fix(unblock)),
    ),
  ];
}

/** An operator wants to see it later. */
function isPutOff({ plan }: DashboardInput, { run, step }: GateRecord): boolean {
  const subject = `step:${run}/${step}`;
  return plan.holds.some((hold) => hold.reason === "snoozed" && hold.subject === subject);
}

/** Answers with a deadline first, then the higher risk, then the older one. */
function byUrgency(a: GateRecord, b: GateRecord): number {
  const keys = [a, b].map(({ answerBy, openedAt, id }) => [answerBy ?? "9999", openedAt, id]);
  const [[one = "", ...oneRest] = [], [other = "", ...otherRest] = []] = keys;
  if (one !== other) return one < other ? -1 : 1;
  return b.risk.score - a.risk.score || (oneRest.join(" ") < otherRest.join(" ") ? -1 : 1);
}

function gateLine(input: DashboardInput, gate: GateRecord): string {
  const { workspace, plan, pulls } = input;
  const { answerBy, onExpire, briefing, items } = gate;
  const veto = goesOnAt(input, gate);
  const trouble = troubleOf(plan, gate);
  const number = pulls.get(gate.branch);
  return line(
    `**${markdownText(gate.title)}** in ${markdownText(gate.project)}`,
    number === undefined ? `branch ${markdownCode(gate.branch)}` : `#${number}`,
    briefing === undefined ? null : `no. ${briefing.place}`,
    riskText(gate.risk, workspace.settings.policy),
    items.length === 0 ? null : counted(items.length, "item"),
    answerBy === null
      ? null
      : `answer by ${instant(input, answerBy)}${onExpire === "reject" ? ", else it is rejected" : ""}`,
    veto === null ? null : `goes on at ${instant(input, veto)} unless you object`,
    trouble === undefined ? null : `${markdownText(trouble.why)} · ${fix(trouble.unblock)}`,
  );
}

/** `fettle explain x   says more`: what is typed comes first. */
function fix(unblock: string): string {
  const [typed = "", ...said] = unblock.split("   ");
  const words = /^(?:fettle|git) /u.test(typed) ? markdownCode(typed) : markdownText(typed);
  return `**Fix**: ${[words, ...said.map(markdownText)].join(" ")}`;
}

function queued(input: DashboardInput): readonly string[] {
  return input.plan.queue.map(({ title, project, risk, why, until }) =>
    line(
      `**${markdownText(title)}** in ${markdownText(project)}`,
      `risk ${risk}`,
      markdownText(why),
      until === null ? null : `looked at again at ${instant(input, until)}`,
    ),
  );
}

/** Told at its gate, in the queue, or as a doubt. */
const TOLD: ReadonlySet<HoldReason> = new Set([
  ...GATE_TROUBLES,
  "awaiting-approval",
  "attention-full",
  "queued",
  "uncertain-effect",
  "invalid",
  "stopped",
]);

/** What one clone sees and another does not; who works on what stands elsewhere. */
const OWN: ReadonlySet<HoldReason> = new Set([
  "lease-held",
  "clocks-apart",
  "payload-missing",
  "authority-unreachable",
  "forge-unreachable",
  "authority-conflict",
  "worktree-conflict",
  "worktree-behind",
]);

function blocked({ workspace, observed, plan, failed }: DashboardInput): readonly string[] {
  const holds = plan.holds.filter(({ reason }) => !TOLD.has(reason) && !OWN.has(reason));
  return [
    ...stopsIn(observed.requests).map((stop) =>
      line(
        `**${markdownText(scopeName(stop) || "everything")}** is ${markdownText(stopWords(stop))}`,
        fix(stopHold(stop, "", "").unblock),
      ),
    ),
    ...[...workspace.invalid].map(([project, reason]) =>
      line(
        `**${markdownText(project)}** ${workspace.projects.has(project) ? "keeps its last good version" : "has no good version yet"}`,
        markdownText(reason),
        fix("fettle validate"),
      ),
    ),
    ...failed.map(({ of, id, reason }) =>
      line(
        `**${markdownText(of)}** failed`,
        reason === "" ? null : markdownText(reason),
        fix(`fettle retry ${id}`),
      ),
    ),
    ...new Set(holds.filter(({ unblock }) => unblock !== "").map(holdLine)),
  ];
}

/** Without its instants: they are those of the tick that looked, as far as nobody needs to act. */
function holdLine({ project, subject, why, unblock }: Hold): string {
  const where = project === null ? "" : ` in ${markdownText(project)}`;
  return line(`**${markdownText(subjectText(subject))}**${where}`, markdownText(why), fix(unblock));
}

function running(input: DashboardInput): readonly string[] {
  const { runs, gates } = input.observed;
  const waiting = new Set([...gates.values()].map(({ record }) => record.run));
  return [...runs.values()]
    .map(({ record }) => record)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .map(({ id, project, startedAt, because }) =>
      line(
        `**${markdownText(id)}** in ${markdownText(project)}`,
        `since ${instant(input, startedAt)}`,
        waiting.has(id) ? "waits for you" : null,
        markdownText(because),
      ),
    );
}

/** A line for each pipeline, and what it came to. */
function doneText(input: DashboardInput): string {
  const { since, total } = input.spent;
  const runs = Map.groupBy(input.done, ({ run }) => `${run.project}/${run.pipeline}`);
  const lines = [...runs]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, all]) => doneLine(input, name, all));
  if (lines.length === 0 && total.micros === 0) return "";
  const left = lines.length - SHOWN;
  return [
    `## Done since ${since}\n`,
    ...lines.slice(0, SHOWN).map((text) => `- ${text}`),
    ...(left > 0
      ? [`- and ${counted(left, "more pipeline")}: ${markdownCode("fettle runs")}`]
      : []),
    `- ${usd(total.micros)} spent`,
  ].join("\n");
}

function doneLine(input: DashboardInput, name: string, all: DashboardInput["done"]): string {
  const last = all.reduce((latest, { endedAt }) => (endedAt > latest ? endedAt : latest), "");
  const decided = all.flatMap(({ gates }) => gates).filter(({ gate }) => gate !== null);
  return line(
    `**${markdownText(name)}**`,
    countsOf(all.map(({ result }) => result)),
    decided.length === 0 ? null : `gates: ${countsOf(decided.map(({ decision }) => decision))}`,
    `last ${instant(input, last)}`,
  );
}

/** `2 failed, 3 succeeded` */
function countsOf(words: readonly string[]): string {
  const counts = [...Map.groupBy(words, (word) => word)];
  return counts
    .map(([word, all]) => `${all.length} ${word}`)
    .toSorted()
    .join(", ");
}

const LEVELS = {
  fine: "",
  warn: "nearly used up",
  soft: "agents go down their ladders",
  full: "used up: nothing begins that needs it",
} as const;

function budget(input: DashboardInput): string {
  if (input.caps.length === 0) return "";
  const rows = input.caps
    .slice(0, SHOWN)
    .map(({ scope, per, axis, taken, reserved, limit, level, until }) => [
      markdownText(scope),
      perWords(per),
      amountWords(axis, taken + reserved),
      amountWords(axis, limit),
      until === null ? "–" : instant(input, until),
      LEVELS[level] || "–",
    ]);
  const left = input.caps.length - rows.length;
  const table = markdownTable(["Cap of", "", "Used", "Of", "Begins anew", ""], rows);
  const more = left > 0 ? `\n\nand ${left} more: ${markdownCode("fettle costs")}` : "";
  return `## Budget\n\n${table}${more}`;
}
