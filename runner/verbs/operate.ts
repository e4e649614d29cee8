/** Verbs by which the operator acts: run, approve, reject. */
import { shortDigest } from "#runner/core/identifier.ts";
import type { GateRecord, Pipeline, RequestRecord } from "#runner/schema/types.gen.ts";
import { answersIn, answerText, troubleOf } from "#runner/core/gate-answer.ts";
import { rejectionOf } from "#runner/core/gate-decision.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { paramsOf, paramsText } from "#runner/core/param.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { findNamed } from "#runner/core/suggest.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { approveGate } from "#runner/loop/approve.ts";
import { expectOperator, operatorOf } from "#runner/loop/operator.ts";
import { expectWritable } from "#runner/loop/state-format.ts";
import { terminalText } from "#runner/report/terminal-text.ts";
import { gateCommands } from "#runner/report/words.ts";
import { bookRequest, type Requested } from "#runner/loop/request.ts";
import { givenParams } from "./given-params.ts";
import { gateBranches } from "./gate-branches.ts";
import { reading, sight, writing, type Seen } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface RunOptions {
  /** `project/pipeline`, or the pipeline alone. */
  readonly pipeline: string;
  /** `name=value` pairs. */
  readonly set: readonly string[];
  readonly reason: string | null;
}

export function runVerb(context: VerbContext, options: RunOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const target = targetOf(seen, options.pipeline);
    if (!target.ok) return target.refusal;
    const { project, pipeline, manifest } = target;
    const given = givenParams(manifest.params ?? {}, options.set);
    if (!given.ok) return refused("usage", given.reason, paramsText(manifest));
    const params = paramsOf(manifest, given.value);
    if (!params.ok) return refused("usage", params.reason, paramsText(manifest));
    const who = await operatorOf(engine.repository);
    const at = engine.clock();
    const request: RequestRecord = {
      id: `run-${shortDigest({ project, pipeline, at, given: given.value }, 12)}`,
      kind: "run",
      project,
      pipeline,
      params: { ...given.value },
      by: who?.email ?? "unknown",
      at,
      ...(options.reason === null ? {} : { reason: options.reason }),
    };
    return booked(context, engine, { request, seen, text: `${project}/${pipeline} will run` });
  });
}

interface Named {
  readonly project: string;
  readonly pipeline: string;
  readonly manifest: Pipeline;
}

type Target = ({ readonly ok: true } & Named) | { readonly ok: false; readonly refusal: Answer };

function targetOf({ workspace }: Seen, name: string): Target {
  const all = [...workspace.projects].flatMap(([project, { pipelines }]) =>
    [...pipelines].map(([pipeline, manifest]) => {
      return { name: `${project}/${pipeline}`, also: [pipeline], project, pipeline, manifest };
    }),
  );
  const meant = findNamed(name, all);
  switch (meant.kind) {
    case "found":
      return { ok: true, ...meant.found };
    case "ambiguous": {
      const hint = `write one of ${meant.names.join(", ")}`;
      return { ok: false, refusal: refused("usage", `${name} is in more than one project`, hint) };
    }
    case "unknown": {
      const names = all.map((named) => named.name);
      const known = names.length === 0 ? "there is none yet" : `there are ${names.join(", ")}`;
      const hint = meant.closest === null ? known : `did you mean ${meant.closest}?`;
      return { ok: false, refusal: refused("usage", `${name} is not a pipeline on main`, hint) };
    }
  }
}

export function approveVerb(
  context: VerbContext,
  { gate, list }: { readonly gate: string | null; readonly list: boolean },
): Promise<Answer> {
  if (list || gate === null) return listGates(context);
  return acting(context, async (engine, seen) => {
    const found = gateOf(seen, gate);
    if (!found.ok) return found.refusal;
    const { record } = found;
    const rejection = rejectionTold(seen, record);
    if (rejection !== undefined) {
      const hint = `git merge ${record.branch}   approves it all the same, until fettle reconcile has rejected it`;
      return refused("refused", rejection, hint);
    }
    const approval = await approveGate(engine, {
      gate: record,
      operators: operatorsOf(seen.workspace.settings),
      main: seen.workspace.commit,
      head: seen.seen.refs.get(branchRef(record.branch)) ?? null,
    });
    return approval.ok
      ? {
          exit: "ok",
          text: `approved "${record.title}": merged into main as ${approval.commit.slice(0, 7)}\n  fettle reconcile   goes on from here\n`,
          json: { gate: record.id, commit: approval.commit },
        }
      : refused(approval.exit, terminalText(approval.message), approval.hint);
  });
}

export async function rejectVerb(
  context: VerbContext,
  { gate, reason }: { readonly gate: string; readonly reason: string },
): Promise<Answer> {
  if (reason.trim() === "") return refused("usage", "a rejection needs a reason", REASON_HINT);
  return acting(context, async (engine, seen) => {
    const found = gateOf(seen, gate);
    if (!found.ok) return found.refusal;
    const answered = answeredBefore(seen, found.record);
    if (answered !== undefined) return answered;
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    const at = engine.clock();
    const request: RequestRecord = {
      id: `reject-${shortDigest({ gate: found.record.id, at }, 12)}`,
      kind: "reject",
      gate: found.record.id,
      by: who.operator.email,
      reason,
      at,
    };
    const text = `"${found.record.title}" will be rejected`;
    return booked(context, engine, { request, seen, text });
  });
}

const REASON_HINT = 'fettle reject <gate> --reason "why"   the reason is kept with the decision';

/** That a rejection of the gate was asked for and is not carried out yet. */
function rejectionTold(seen: Seen, { id, title }: GateRecord): string | undefined {
  const request = rejectionOf(seen, id);
  if (request === undefined) return undefined;
  return `"${title}" is to be rejected: ${request.by} asked for it ("${request.reason}")`;
}

/** Why there is nothing to reject any more, and the way back. */
function answeredBefore(seen: Seen, record: GateRecord): Answer | undefined {
  const rejection = rejectionTold(seen, record);
  if (rejection !== undefined) return refused("refused", rejection, "fettle reconcile   does it");
  const answer = answersIn(seen.plan).get(record.id);
  if (answer?.decision !== "approved") return undefined;
  const message = `"${record.title}" is approved already, by ${answer.by}`;
  const hint = `git revert the merge (git log --first-parent main -- ${record.folder} names it), then reject again`;
  return refused("refused", message, hint);
}

function listGates(context: VerbContext): Promise<Answer> {
  return reading(context, async (engine) => {
    const sighted = await sight(context, engine);
    if (!sighted.ok) return sighted.refusal;
    const { observed, plan } = sighted.sight;
    const answers = answersIn(plan);
    const gates = [...observed.gates.values()].map(({ record }) => record);
    const branches = await gateBranches(engine.repository, observed);
    const lines = gates.map((gate) => {
      const answer = answers.get(gate.id);
      if (answer !== undefined) return `${gate.id}  ${gate.title}\n  ${answerText(answer)}\n`;
      const trouble = troubleOf(plan, gate);
      if (trouble !== undefined)
        return `${gate.id}  ${gate.title}\n  ${trouble.why}\n  ${trouble.unblock}\n`;
      const { fetch, look, approve } = gateCommands(gate, branches);
      const commands = [...(fetch === null ? [] : [fetch]), look, approve];
      return `${gate.id}  ${gate.title}\n${commands.map((command) => `  ${command}\n`).join("")}`;
    });
    return {
      exit: "ok",
      text: gates.length === 0 ? "nothing waits for you\n" : lines.join(""),
      json: gates,
    };
  });
}

type FoundGate =
  | { readonly ok: true; readonly record: GateRecord }
  | { readonly ok: false; readonly refusal: Answer };

/** An open gate by its id or the unambiguous start of it. */
function gateOf({ observed }: Seen, name: string): FoundGate {
  const gates = [...observed.gates.values()].map(({ record }) => ({ name: record.id, record }));
  const meant = findNamed(name, gates, { byStart: true });
  switch (meant.kind) {
    case "found":
      return { ok: true, record: meant.found.record };
    case "ambiguous": {
      const hint = `it may be any of ${meant.names.join(", ")}`;
      const message = `${name} is the start of several gates`;
      return { ok: false, refusal: refused("usage", message, hint) };
    }
    case "unknown": {
      const listed = "fettle approve   lists what waits";
      const hint = meant.closest === null ? listed : `did you mean ${meant.closest}?`;
      return { ok: false, refusal: refused("usage", `no open gate is called ${name}`, hint) };
    }
  }
}

interface Booked {
  readonly request: RequestRecord;
  readonly seen: Seen;
  readonly text: string;
}

/** Books a request; the next tick acts on it. */
export async function booked(context: VerbContext, engine: Engine, made: Booked): Promise<Answer> {
  const outcome = await bookRequest(engine, made.request, {
    observed: made.seen.observed,
    signal: context.signal,
  });
  if (!outcome.ok) return notBooked(outcome);
  const text = `${made.text}\n  fettle reconcile   does it now\n`;
  return { exit: "ok", text, json: made.request };
}

function notBooked({ exit, detail }: Extract<Requested, { ok: false }>): Answer {
  if (exit === "lost") return refused(exit, detail, "try again");
  const [why = ""] = detail.split("\n");
  return refused(exit, `not published: ${why}`, "git fetch origin   says more; then try again");
}

/** Acts under the lock, with everything seen as it is now. */
export function acting(
  context: VerbContext,
  act: (engine: Engine, seen: Seen) => Promise<Answer>,
): Promise<Answer> {
  return writing(
    context,
    () => undefined,
    async (engine) => {
      const sighted = await sight({ ...context, at: null }, engine, { toAct: true });
      await expectWritable(engine.store, engine.repository);
      return sighted.ok ? act(engine, sighted.sight) : sighted.refusal;
    },
  );
}
