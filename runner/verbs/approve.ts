/** `fettle approve`: merges a gate in the operator's name, or lists what waits. */
import { answersIn, answerText, troubleOf } from "#runner/core/gate/gate-answer.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import { openSnoozedUntil } from "#runner/core/gate/snooze.ts";
import { proposedBy, proposedTogether } from "#runner/core/gate/proposed.ts";
import { approveAlone } from "#runner/loop/approve-alone.ts";
import { rejectionsIn } from "#runner/loop/briefing-cut.ts";
import { approveGate, type Approved } from "#runner/loop/approve.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { terminalText } from "#runner/report/terminal-text.ts";
import { counted, gateCommands } from "#runner/report/words.ts";
import { acting } from "./acting.ts";
import { unanswered } from "./answer-question.ts";
import {
  exceptAlone,
  findBriefing,
  findGate,
  rejectionTold,
  strangePlace,
  type Briefing,
} from "./find-gate.ts";
import { gateBranches } from "./gate-branches.ts";
import { reading, sight, type Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

interface Asked {
  readonly gate: string | null;
  readonly list: boolean;
  /** Numbers of a briefing's gates that are rejected. */
  readonly except: readonly number[];
}

export function approveVerb(context: VerbContext, { gate, list, except }: Asked): Promise<Answer> {
  if (list || gate === null) return listGates(context);
  return acting(context, async (engine, seen) => {
    const briefing = findBriefing(seen, gate);
    if (briefing.kind === "refused") return briefing.refusal;
    if (briefing.kind === "found") {
      return approveBriefing(engine, seen, { briefing: briefing.briefing, except });
    }
    if (except.length > 0) return exceptAlone(gate);
    const found = findGate(seen, gate);
    return found.ok ? approveOne(engine, seen, found.gate) : found.refusal;
  });
}

async function approveOne(engine: Engine, seen: Sight, gate: ObservedGate): Promise<Answer> {
  const { record } = gate;
  const rejection = rejectionTold(seen, record);
  if (rejection !== undefined) {
    const hint = `git merge ${record.branch}   approves it all the same, until fettle reconcile has rejected it`;
    return refused("refused", rejection, hint);
  }
  const settled = settledBefore(seen, [record], record.title);
  if (settled !== undefined) return settled;
  const open = await unanswered(engine, seen, [record]);
  if (open !== undefined) return open;
  const facts = { operators: operatorsOf(seen.workspace.settings), main: seen.workspace.commit };
  const approval =
    record.briefing === undefined
      ? await approveGate(engine, {
          ...facts,
          gate: proposedBy(record),
          head: seen.seen.refs.get(branchRef(record.branch)) ?? null,
        })
      : await approveAlone(engine, { ...facts, gate });
  return told(approval, { title: record.title, gates: [record.id] });
}

interface Whole {
  readonly briefing: Briefing;
  readonly except: readonly number[];
}

/** What a person has rejected already stays rejected. */
async function approveBriefing(
  engine: Engine,
  seen: Sight,
  { briefing, except }: Whole,
): Promise<Answer> {
  const { id, gates } = briefing;
  const strange =
    strangePlace(briefing, except) ?? putOffIn({ ...seen, now: engine.clock() }, gates);
  if (strange !== undefined) return strange;
  const isLeftOut = (gate: GateRecord): boolean =>
    except.includes(gate.briefing?.place ?? 0) || rejectionTold(seen, gate) !== undefined;
  const gate = proposedTogether(id, gates);
  const approved = gates.filter((one) => !isLeftOut(one));
  if (gate === undefined || approved.length === 0) {
    return refused("usage", "nothing is left to approve", `git branch -D ${briefing.branch}`);
  }
  const settled = settledBefore(seen, gates, id);
  if (settled !== undefined) return settled;
  const open = await unanswered(engine, seen, approved);
  if (open !== undefined) return open;
  const head = seen.seen.refs.get(branchRef(briefing.branch)) ?? null;
  const approval = await approveGate(engine, {
    gate,
    operators: operatorsOf(seen.workspace.settings),
    main: seen.workspace.commit,
    head,
    changes:
      head === null ? [] : await rejectionsIn(engine.store.reader, head, gates.filter(isLeftOut)),
  });
  return told(approval, { title: gate.title, gates: approved.map((one) => one.id) });
}

/** A merge would answer what an operator wants to see later. */
function putOffIn(
  seen: Sight & { readonly now: string },
  gates: readonly GateRecord[],
): Answer | undefined {
  const snoozed = gates.find((gate) => openSnoozedUntil(seen, gate) !== null);
  if (snoozed === undefined) return undefined;
  const { id, title, briefing } = snoozed;
  const message = `no. ${briefing?.place ?? 0}, "${title}", is put off, and a merge of all would answer it`;
  return refused(
    "refused",
    message,
    `fettle snooze ${id} --until now, or approve the others one by one`,
  );
}

/** What main says of all of them by now: approving once more changes nothing. */
function settledBefore(
  { plan, workspace: { commit } }: Sight,
  gates: readonly GateRecord[],
  title: string,
): Answer | undefined {
  const answers = answersIn(plan);
  const found = gates.flatMap(({ id }) => answers.get(id) ?? []);
  const words = [...new Set(found.map(({ decision, by }) => `${decision} by ${by}`))];
  if (found.length < gates.length || found.some(({ via }) => via !== "merge")) return undefined;
  const ids = found.flatMap(({ decision, gate }) => (decision === "approved" ? (gate ?? []) : []));
  return {
    exit: "ok",
    text: `"${title}" is answered already: ${words.join(", ")}\n  fettle reconcile   goes on from here\n`,
    json: { gate: gates.length === 1 ? gates[0]?.id : null, gates: ids, commit },
  };
}

function told(
  approval: Approved,
  { title, gates }: { readonly title: string; readonly gates: readonly string[] },
): Answer {
  if (!approval.ok) return refused(approval.exit, terminalText(approval.message), approval.hint);
  return {
    exit: "ok",
    text: `approved "${title}": merged into main as ${approval.commit.slice(0, 7)}\n  fettle reconcile   goes on from here\n`,
    json: { gate: gates.length === 1 ? gates[0] : null, gates, commit: approval.commit },
  };
}

function listGates(context: VerbContext): Promise<Answer> {
  return reading(context, async (engine) => {
    const sighted = await sight(context, engine);
    if (!sighted.ok) return sighted.refusal;
    const { observed, plan } = sighted.sight;
    const answers = answersIn(plan);
    const gates = [...observed.gates.values()]
      .map(({ record }) => record)
      .toSorted((a, b) => (a.briefing?.place ?? 0) - (b.briefing?.place ?? 0));
    const branches = await gateBranches(engine.repository, observed);
    const lines = gates.map((gate) => {
      const answer = answers.get(gate.id);
      if (answer !== undefined) return `${nameLine(gate)}  ${answerText(answer)}\n`;
      const trouble = troubleOf(plan, gate);
      if (trouble !== undefined) return `${nameLine(gate)}  ${trouble.why}\n  ${trouble.unblock}\n`;
      const { fetch, look, approve } = gateCommands(gate, branches);
      const commands = [...(fetch === null ? [] : [fetch]), look, approve];
      return `${nameLine(gate)}${commands.map((command) => `  ${command}\n`).join("")}`;
    });
    return {
      exit: "ok",
      text:
        gates.length === 0
          ? "nothing waits for you\n"
          : [...lines, ...briefingLines(gates.filter(({ id }) => !answers.has(id)))].join(""),
      json: gates,
    };
  });
}

function nameLine({ id, title, briefing }: GateRecord): string {
  const place = briefing === undefined ? "" : ` (no. ${briefing.place})`;
  return `${id}  ${title}${place}\n`;
}

function briefingLines(gates: readonly GateRecord[]): readonly string[] {
  const shown = Map.groupBy(gates, ({ briefing }) => briefing?.id);
  return [...shown].flatMap(([id, together]) =>
    id === undefined
      ? []
      : [
          `${id}  ${counted(together.length, "gate")} of those above\n  fettle approve ${id}\n  fettle approve ${id} --except ${together[0]?.briefing?.place ?? 1}\n  fettle reject ${id} --reason "…"\n`,
        ],
  );
}
