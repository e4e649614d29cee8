/** Where everything stands, what needs a person first. */
import { stopLines } from "./stop-text.ts";
import { capLines } from "./cap-text.ts";
import { withdrawnLines } from "./withdrawn-text.ts";
import { failedLines } from "./failed-text.ts";
import { labelled, paragraph, printLines, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { projectTable } from "./project-table.ts";
import { heldLines, needsWordLines, stalledProjects } from "./status-holds.ts";
import { elapsed, relativeTime } from "./when.ts";
import { counted, gateCommands, riskText } from "./words.ts";
import { isAssent } from "#runner/core/gate/settle-gate.ts";
import { goesOnAt, openSnoozedUntil } from "#runner/core/gate/snooze.ts";
import { stopsIn } from "#runner/core/stop.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { missedLevels, type MissedLevel } from "#runner/core/slo-words.ts";
import type { CapWarning } from "#runner/core/money/cap-warning.ts";
import type { Branches } from "#runner/core/gate/gate-branch.ts";
import { answersIn, answerText, troubleOf, type Answers } from "#runner/core/gate/gate-answer.ts";
import type { WithdrawnRun } from "#runner/core/withdrawn-run.ts";
import type { FailedRun } from "#runner/core/failed-run.ts";
import type { LateApproval } from "#runner/core/gate/late-approval.ts";
import type { Hold, Plan } from "#runner/core/action.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import type { GateRecord, LiveProject } from "#runner/schema/types.gen.ts";

export interface StatusInput {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
  /** Where the branches of the gates are; all here when left out. */
  readonly branches?: Branches;
  /** Approvals that count for nothing. */
  readonly late?: readonly LateApproval[];
  /** Runs that are over and whose approval was taken back since. */
  readonly withdrawn?: readonly WithdrawnRun[];
  /** Pipelines whose last run failed. */
  readonly failed?: readonly FailedRun[];
  /** Caps that are nearly used up. */
  readonly caps?: readonly CapWarning[];
}

/** One screen: open gates, answered ones and uncertain effects, projects, holds, caps, stalled projects; an empty workspace is told what to do. */
export function renderStatus({ observed, ...given }: StatusInput, look: Look): string {
  const answers = answersIn(given.plan);
  const open = [...observed.gates].filter(([id]) => !answers.has(id));
  const input = { ...given, observed: { ...observed, gates: new Map(open) } };
  const sections = [
    stopLines(stopsIn(observed.requests), look),
    needsYouLines(input, look),
    needsWordLines(input, look),
    answeredLines(observed, answers, look),
    lateLines(given.late ?? [], look),
    withdrawnLines(given.withdrawn ?? [], look),
    uncertainLines(input.observed, look),
    failedLines(input.failed ?? [], look),
    atWorkLines(input.observed, look),
    projectLines(input, look),
    heldLines(input, look),
    capLines(given.caps ?? [], look),
    levelLines(missedLevels(input.workspace, input.observed), look),
    stalledLines(input, look),
  ].filter((lines) => lines.length > 0);
  const body = sections.flatMap((lines) => [[], ...lines]);
  return printLines([headLine(input, look), ...body], look);
}

function projectLines({ workspace, observed, plan }: StatusInput, look: Look): Line[] {
  const resting = workspace.resting?.size ?? 0;
  if (workspace.projects.size + resting === 0) return emptyLines(look);
  const table =
    workspace.projects.size === 0 ? [] : projectTable({ workspace, observed, plan }, look);
  if (resting === 0) return table;
  const rest = `${counted(resting, "project")} as before (fettle status)`;
  return [...table, [toned("dim", rest)]];
}

function headLine({ workspace, observed, plan }: StatusInput, look: Look): Line {
  const { dot } = signsOf(look);
  const due =
    plan.actions.length === 0
      ? "in step with main"
      : `${counted(plan.actions.length, "action")} due (fettle plan)`;
  const wake = plan.nextWake === null ? [] : [`next wake ${relativeTime(plan.nextWake, look.now)}`];
  const versions = look.verbose
    ? [`main ${workspace.commit}`, `state ${observed.tip ?? "none yet"}`]
    : [];
  const facts = [due, ...wake, ...versions].map((fact) => ` ${dot} ${fact}`).join("");
  return [toned("strong", workspace.settings.name ?? "workspace"), toned("dim", facts)];
}

function needsYouLines({ workspace, observed, plan, branches }: StatusInput, look: Look): Line[] {
  const facts = { workspace, observed, now: look.now };
  const open = [...observed.gates.values()].map((gate) => gate.record).toSorted(byUrgency);
  const gates = open.filter((gate) => openSnoozedUntil(facts, gate) === null);
  const later = open.length - gates.length;
  const putOff: Line[] =
    later === 0 ? [] : [[toned("dim", `${counted(later, "gate")} put off (fettle gates)`)]];
  if (gates.length === 0) return putOff;
  const { policy } = workspace.settings;
  return [
    [toned("warn", `NEEDS YOU (${gates.length})`)],
    ...gates.flatMap((gate) => {
      const commands = gateCommands(gate, branches);
      const trouble = troubleOf(plan, gate);
      const risk = riskText(gate.risk, policy);
      return gateLines(gate, { risk, commands, trouble, veto: goesOnAt(facts, gate) }, look);
    }),
    ...putOff,
  ];
}

/** What a person has decided and no tick has acted on yet. */
function answeredLines({ gates }: Observed, answers: Answers, look: Look): Line[] {
  if (answers.size === 0) return [];
  const { ok, idle } = signsOf(look);
  return [
    [toned("strong", `ANSWERED (${answers.size})`)],
    ...[...answers].flatMap(([id, answer]) => [
      [
        `  ${isAssent(answer.decision) ? ok : idle} `,
        toned("strong", gates.get(id)?.record.title ?? id),
      ],
      ...paragraph(answerText(answer), 4, look),
    ]),
  ];
}

/** What a person has approved for nothing. */
function lateLines(late: readonly LateApproval[], look: Look): Line[] {
  if (late.length === 0) return [];
  const place = { indent: 4, labelWidth: 9, look };
  return [
    [toned("bad", `APPROVED TOO LATE (${late.length})`)],
    ...late.flatMap(({ title, run, why, unblock }) => [
      [`  ${signsOf(look).attention} `, toned("strong", title), toned("dim", ` ${run}`)],
      ...paragraph(why, 4, look),
      ...labelled("now", unblock, place),
    ]),
  ];
}

/** Answers with a deadline first, then the higher risk, then the older one. */
function byUrgency(a: GateRecord, b: GateRecord): number {
  const deadline = compare(a.answerBy ?? "9999", b.answerBy ?? "9999");
  return deadline || b.risk.score - a.risk.score || compare(a.openedAt, b.openedAt);
}

interface Told {
  readonly risk: string;
  readonly commands: ReturnType<typeof gateCommands>;
  readonly trouble: Hold | undefined;
  /** When it goes on by itself. */
  readonly veto: string | null;
}

function gateLines(gate: GateRecord, { risk, commands, trouble, veto }: Told, look: Look): Line[] {
  const { dot, waiting } = signsOf(look);
  const facts = [
    gate.project,
    risk,
    ...(gate.briefing === undefined ? [] : [`${gate.briefing.id} no. ${gate.briefing.place}`]),
    ...amountWords(gate),
    `waits ${elapsed(gate.openedAt, look.now)}`,
    ...(gate.answerBy === null ? [] : [deadlineText(gate, look)]),
    ...(veto === null ? [] : [`goes on ${relativeTime(veto, look.now)} unless you object`]),
  ];
  const place = { indent: 4, labelWidth: 9, look };
  return [
    [`  ${waiting} `, toned("strong", gate.title)],
    ...paragraph(toned("dim", facts.join(` ${dot} `)), 4, look),
    ...(trouble === undefined
      ? [
          ...(commands.fetch === null ? [] : labelled("fetch", commands.fetch, place)),
          ...labelled("look", commands.look, place),
          ...labelled(gate.asks === undefined ? "approve" : "answer", commands.approve, place),
        ]
      : [...paragraph(trouble.why, 4, look), ...labelled("fix", trouble.unblock, place)]),
    ...labelled("reject", commands.reject, place),
  ];
}

function amountWords({ asks, items }: GateRecord): readonly string[] {
  if (asks !== undefined) return [`asks for ${asks.join(", ")}`];
  return items.length === 0 ? [] : [counted(items.length, "item")];
}

const ELSE: Readonly<Record<GateRecord["onExpire"], string>> = {
  reject: ", else rejected",
  keep: "",
  default: ", else the default answer",
};

function deadlineText(gate: GateRecord, look: Look): string {
  const then = ELSE[gate.onExpire];
  return `answer ${relativeTime(gate.answerBy ?? look.now, look.now)}${then}`;
}

function uncertainLines(observed: Observed, look: Look): Line[] {
  const doubts = [...observed.summaries.projects.values()].flatMap(
    ({ uncertain }) => uncertain ?? [],
  );
  if (doubts.length === 0) return [];
  return [
    [toned("bad", `UNCERTAIN (${doubts.length})`)],
    ...doubts.flatMap((doubt) => doubtLines(doubt, look)),
  ];
}

/** Other runners of the same origin that have claimed runs. */
function atWorkLines({ runners, self }: Observed, look: Look): Line[] {
  const others = runners.filter(
    ({ runner, runs, expires }) => runner !== self && runs.length > 0 && expires > look.now,
  );
  if (others.length === 0) return [];
  const lines = others.map(({ runner, runs, expires }): Line => [
    `  ${runner} works on ${runs.join(", ")}`,
    toned("dim", `, claimed for ${elapsed(look.now, expires)} more`),
  ]);
  return [[toned("strong", "AT WORK")], ...lines];
}

type Doubt = NonNullable<LiveProject["uncertain"]>[number];

function doubtLines({ onceKey, run, agent, since, reason }: Doubt, look: Look): Line[] {
  const said = `${agent} may or may not have done it: ${reason}. Nobody does it again before you say what you know.`;
  const place = { indent: 4, labelWidth: 11, look };
  return [
    [
      `  ${signsOf(look).attention} `,
      toned("strong", onceKey),
      toned("dim", ` ${run}, ${relativeTime(since, look.now)}`),
    ],
    ...paragraph(said, 4, look),
    ...labelled("it did", `fettle answer ${shellWord(onceKey)} happened`, place),
    ...labelled("it did not", `fettle answer ${shellWord(onceKey)} did-not`, place),
  ];
}

function levelLines(missed: readonly MissedLevel[], look: Look): Line[] {
  if (missed.length === 0) return [];
  return [
    [toned("strong", `SERVICE LEVELS MISSED (${missed.length})`)],
    ...missed.flatMap(({ of, text }) => [
      [`  ${signsOf(look).attention} `, toned("strong", of)],
      ...paragraph(text, 4, look),
    ]),
  ];
}

function stalledLines({ workspace, observed }: StatusInput, look: Look): Line[] {
  const stalled = stalledProjects(workspace, observed);
  if (stalled.size === 0) return [];
  return [
    [toned("bad", "STALLED")],
    ...[...stalled].flatMap(([project, reason]) => [
      [
        `  ${signsOf(look).failed} `,
        toned("strong", project),
        workspace.projects.has(project)
          ? " keeps its last good version"
          : " has no good version yet",
      ],
      ...paragraph(reason, 4, look),
      ...paragraph(toned("warn", "unblock: fettle validate"), 4, look),
    ]),
  ];
}

function emptyLines(look: Look): Line[] {
  const place = { indent: 2, labelWidth: 18, look };
  return [
    ["No projects yet. Next:"],
    ...labelled("fettle try", "see a small company at work in a folder of its own", place),
    ...labelled("fettle init", "write a workspace here", place),
    ...labelled(
      "fettle validate",
      "check projects/<name>/project.yaml when you have written one",
      place,
    ),
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
