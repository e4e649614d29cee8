/** Opening a gate as a branch, and booking its decision. */
import { addMs, secondsOf } from "#runner/core/instant.ts";
import { itemSlug } from "#runner/core/identifier.ts";
import type {
  GateNote,
  GateOpen,
  GateQueue,
  GateSettle,
  GateShown,
  SettledItem,
} from "#runner/core/gate-action.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import { branchAlone } from "#runner/core/gate-state.ts";
import type { ObservedGate, OpenRun } from "#runner/core/model.ts";
import { decidedRecords } from "#runner/core/memory-review.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { settledEvent } from "#runner/core/settle-gate.ts";
import { decisionPath, gatePath, requestPath } from "#runner/core/state-path.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { renderItemFile } from "#runner/schema/gate-file.ts";
import type {
  CapRaise,
  DecidedItem,
  GateDecision,
  GateRecord,
  Inventory,
} from "#runner/schema/types.gen.ts";
import { closedBranch } from "./close-branch.ts";
import type { Engine, View } from "./engine.ts";
import { readMemoryBehind } from "./memory-behind.ts";
import { raisedCap, type RaisedCap } from "./raised-cap.ts";

/** A transaction with the refs that move in the same update. */
export interface Carried {
  readonly transaction: Transaction;
  readonly refs: readonly RefUpdate[];
}

/** Builds the branch of the proposal; nothing is visible before the transaction that moves its ref. */
export async function openGate(
  engine: Engine,
  view: View,
  { action, planDigest }: { readonly action: GateOpen; readonly planDigest: string },
): Promise<Carried> {
  const at = engine.clock();
  const run = openRunOf(view, action.gate.run);
  const due = deadlines(action, at);
  const payload = new PayloadDraft(at);
  const items = action.items.map((item, index) => gateItem(action, { item, index, payload }));
  const base = await baseOf(engine, view, action.gate.claims);
  const raised = await raisedCap(engine, action.gate.raises, { base, payload });
  const decision = engine.decisionText({
    open: action,
    run,
    planDigest,
    ...due,
    policy: view.workspace.settings.policy,
    ...(raised && { change: raised.change }),
    ...(await readMemoryBehind(engine, view, { run, gate: action.gate.step })),
  });
  const ref = branchRef(action.gate.branch);
  const head = await engine.store.buildCommit({
    parent: base,
    files: branchFiles(action, { decision, items, raised }),
    message: `${action.gate.title}\n\nFettle-Gate: ${action.gate.id}\nFettle-Run: ${action.gate.run}\n`,
    at: secondsOf(at),
  });
  const record: GateRecord = {
    ...action.gate,
    head,
    planDigest,
    openedAt: at,
    answerBy: due.answerBy,
    ...(due.vetoUntil === null ? {} : { vetoUntil: due.vetoUntil }),
    items,
    ...(raised && { deliverables: [raised.deliverable] }),
    absentSince: null,
  };
  const gate: ObservedGate = { record, facts: branchAlone(head) };
  return {
    transaction: transaction({
      event: openedEvent(record, items.length),
      files: [[gatePath(record.id), record]],
      payload,
      change: { kind: "gate-opened", gate },
    }),
    refs: [{ ref, from: view.refs.get(ref) ?? null, to: head }],
  };
}

function openRunOf({ observed }: View, id: string): OpenRun {
  const run = observed.runs.get(id);
  if (run === undefined) throw new Error(`run ${id} is not open`);
  return run;
}

interface Proposal {
  readonly decision: string;
  readonly items: GateRecord["items"];
  readonly raised: RaisedCap | undefined;
}

/** The record, and what is approved with it. */
function branchFiles(
  { gate, items }: GateOpen,
  { decision, items: recorded, raised }: Proposal,
): readonly FileChange[] {
  const cap =
    raised === undefined ? [] : [{ path: raised.deliverable.path, content: raised.content }];
  return [
    { path: `${gate.folder}/decision.md`, content: decision },
    ...items.map((item, index) => itemFile(recorded[index]?.path ?? "", item, gate.raises)),
    ...gate.deliverables.map(({ path, blob }) => ({ path, oid: blob })),
    ...cap,
  ];
}

interface Deadlines {
  readonly answerBy: string | null;
  readonly vetoUntil: string | null;
}

function deadlines(open: GateOpen, at: string): Deadlines {
  const { answerWithinMs, vetoWithinMs } = open;
  return {
    answerBy: open.answerBy ?? (answerWithinMs === null ? null : addMs(at, answerWithinMs)),
    vetoUntil: vetoWithinMs === undefined ? null : addMs(at, vetoWithinMs),
  };
}

function openedEvent(gate: GateRecord, items: number): LedgerEvent {
  const { project, run, step, id, risk, openedAt: at, vetoUntil } = gate;
  const opened = { project, run, step, gate: id, items, risk: risk.score };
  const veto = vetoUntil === undefined ? {} : { vetoUntil };
  return { kind: "gate-opened", at, ...opened, ...veto };
}

/**
 * The commit that the branch stands on: main's parent, so that merging always makes a merge commit, which says who
 * approved. Where main's last commit touched the proposed files, or is the first one, main itself.
 */
async function baseOf(engine: Engine, view: View, claims: readonly string[]): Promise<string> {
  const { reader } = engine.store;
  const main = view.workspace.commit;
  const parent = (await reader.readCommit(main))?.parents[0];
  if (parent === undefined || (await reader.readCommit(parent)) === undefined) return main;
  const isTouched = await Promise.all(
    claims.map(async (path) => {
      const [before, now] = await Promise.all([
        reader.resolve(`${parent}:${path}`),
        reader.resolve(`${main}:${path}`),
      ]);
      return before?.oid !== now?.oid;
    }),
  );
  return isTouched.includes(true) ? main : parent;
}

interface NumberedItem {
  readonly item: GateShown;
  readonly index: number;
  readonly payload: PayloadDraft;
}

function gateItem(
  action: GateOpen,
  { item, index, payload }: NumberedItem,
): GateRecord["items"][number] {
  const number = String(index + 1).padStart(2, "0");
  const name = item.key === null ? item.show : `${item.show}/${number}-${itemSlug(item.key)}`;
  return {
    show: item.show,
    key: item.key,
    path: `${action.gate.folder}/${name}.yaml`,
    step: item.step,
    digest: item.digest,
    input: item.input === undefined ? null : payload.addValue(item.input),
    outputs: payload.addValue(item.outputs),
  };
}

function itemFile(
  path: string,
  { key, input, outputs }: GateShown,
  raises: CapRaise | undefined,
): FileChange {
  const item = { key, ...(input === undefined ? {} : { input }), outputs };
  return { path, content: renderItemFile(item, raises?.file) };
}

/** Books the one decision of a gate step; what main's tree holds is all that goes on. */
export async function settleGate(engine: Engine, view: View, action: GateSettle): Promise<Carried> {
  const at = engine.clock();
  const run = openRunOf(view, action.run);
  const payload = new PayloadDraft(at);
  const decision: GateDecision = {
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
    refs: gate === undefined ? [] : await closedBranch(engine, view, gate),
  };
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
