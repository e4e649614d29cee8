/** Queueing a gate, and booking its decision. */
import { addMs } from "#runner/core/time/instant.ts";
import type {
  GateNote,
  GateQueue,
  GateSettle,
  SettledItem,
} from "#runner/core/gate/gate-action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { decidedRecords } from "#runner/core/memory/memory-review.ts";
import { settledEvent } from "#runner/core/gate/settle-gate.ts";
import { decisionPath, gatePath, requestPath } from "#runner/core/state-path.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { DecidedItem, GateDecision, GateRecord, Inventory } from "#runner/schema/types.gen.ts";
import { closedBranch } from "./close-branch.ts";
import type { Engine, View } from "./engine.ts";
import { readPayload } from "./state-files.ts";

/** A transaction with the refs that move in the same update. */
export interface Carried {
  readonly transaction: Transaction;
  readonly refs: readonly RefUpdate[];
}

export function openRunOf({ observed }: View, id: string): OpenRun {
  const run = observed.runs.get(id);
  if (run === undefined) throw new Error(`run ${id} is not open`);
  return run;
}

interface Settling {
  readonly action: GateSettle;
  /** Gates that close together with it. */
  readonly closing: ReadonlySet<string>;
}

/** Books the one decision of a gate step; what main's tree holds is all that goes on. */
export async function settleGate(
  engine: Engine,
  view: View,
  { action, closing }: Settling,
): Promise<Carried> {
  const at = engine.clock();
  const run = openRunOf(view, action.run);
  const payload = new PayloadDraft(at);
  const decision = decisionOf(action, { at, payload });
  await readShown(engine, { run, items: decision.items, payload });
  const gate = action.gate === null ? undefined : view.observed.gates.get(action.gate);
  const gone = [
    ...(action.gate === null ? [] : [gatePath(action.gate)]),
    ...(action.request === null ? [] : [requestPath(action.request)]),
  ];
  return {
    transaction: transaction({
      event: settledEvent(action, {
        at,
        run,
        refused: refusedIn(view, action.project),
        records: decidedRecords(
          action,
          gate?.record,
          view.observed.summaries.projects.get(action.project),
        ),
      }),
      files: [
        [decisionPath(action.run, action.step), decision],
        ...gone.map((path) => [path, null] as const),
      ],
      payload,
      change: { kind: "decision", decision, request: action.request },
    }),
    refs: gate === undefined ? [] : await closedBranch(engine, view, { gate, closing }),
  };
}

interface Booked {
  readonly at: string;
  readonly payload: PayloadDraft;
}

function decisionOf(action: GateSettle, { at, payload }: Booked): GateDecision {
  return {
    run: action.run,
    step: action.step,
    gate: action.gate,
    decision: action.decision,
    by: action.by,
    via: action.via,
    reason: action.reason,
    commit: action.commit,
    at,
    risk: action.risk,
    ...(action.action === undefined ? {} : { action: action.action }),
    items: action.items.map((item) => decidedItem(item, payload)),
    files: { ...action.files },
  };
}

interface Shown {
  readonly run: OpenRun;
  readonly items: readonly DecidedItem[];
  readonly payload: PayloadDraft;
}

/** What goes on as it was shown may be a part of an output, which the run has not read; steps read it at once. */
async function readShown({ store }: Engine, { run, items, payload }: Shown): Promise<void> {
  const cited = items
    .filter(({ decision }) => decision !== "rejected")
    .flatMap(({ input, outputs }) => (input === null ? [outputs] : [input, outputs]))
    .filter(({ digest }) => !run.values.has(digest) && !payload.values.has(digest));
  for (const citation of cited) {
    const found = await readPayload(store.reader, citation);
    if (found !== undefined) payload.values.set(citation.digest, found.value);
  }
}

function refusedIn({ observed }: View, project: string): Inventory["refused"] {
  return observed.summaries.inventories.get(project)?.refused ?? {};
}

function decidedItem(item: SettledItem, payload: PayloadDraft): DecidedItem {
  const { show, key, step, digest, decision, blob } = item;
  const cite = (content: SettledItem["outputs"]): DecidedItem["outputs"] =>
    content.kind === "cited" ? content.citation : payload.addValue(content.value);
  return {
    show,
    key,
    step,
    digest,
    decision,
    blob,
    input: item.input === null ? null : cite(item.input),
    outputs: cite(item.outputs),
  };
}

export function queueGate(
  { project, run, step, gate, answerWithinMs }: GateQueue,
  at: string,
): Transaction {
  const answerBy = answerWithinMs === null ? null : addMs(at, answerWithinMs);
  return transaction({ event: { kind: "gate-queued", at, project, run, step, gate, answerBy } });
}

export function noteGate(view: View, action: GateNote, at: string): Transaction {
  const gate = view.observed.gates.get(action.gate);
  if (gate === undefined) throw new Error(`gate ${action.gate} is not open`);
  const { problem: _, ...before } = gate.record;
  const record: GateRecord = {
    ...before,
    absentSince: action.absentSince === null ? null : at,
    ...(action.problem === null ? {} : { problem: action.problem }),
  };
  return transaction({
    event: {
      kind: "gate-noted",
      at,
      project: action.project,
      gate: action.gate,
      absent: action.absentSince !== null,
      problem: action.problem,
    },
    files: [[gatePath(action.gate), record]],
    change: { kind: "gate-noted", gate: { ...gate, record } },
  });
}
