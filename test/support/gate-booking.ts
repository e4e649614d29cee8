/** Gates without git: what opening and settling one books. */
import { branchAlone } from "#runner/core/gate/gate-state.ts";
import type { GateOpen, GateSettle } from "#runner/core/gate/gate-action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { deadlines, openedEvent } from "#runner/core/gate/opened-gate.ts";
import { settledEvent } from "#runner/core/gate/settle-gate.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { View } from "#runner/loop/engine.ts";
import type { DecidedItem, GateRecord, Inventory } from "#runner/schema/types.gen.ts";

/** The transaction that opens a gate; its branch and its files are left to the imagination. */
export function openedGate(open: GateOpen, at: string): Transaction {
  const { gate, items, briefing } = open;
  const payload = new PayloadDraft(at);
  const recorded = items.map(({ show, key, step, digest, input, outputs }) => ({
    show,
    key,
    path: `${gate.folder}/${show}/${key ?? "value"}.yaml`,
    step,
    digest,
    input: input === undefined ? null : payload.addValue(input),
    outputs: payload.addValue(outputs),
  }));
  const { answerBy, vetoUntil } = deadlines(open, at);
  const record: GateRecord = {
    ...gate,
    ...(briefing === undefined ? {} : { briefing: { id: briefing.id, place: briefing.place } }),
    ...(vetoUntil === null ? {} : { vetoUntil }),
    // Those of a briefing stand on one branch.
    head: digestOf(gate.branch).slice(7, 47),
    openedAt: at,
    answerBy,
    items: recorded,
    absentSince: null,
  };
  return transaction({
    event: openedEvent(record, open),
    payload,
    change: { kind: "gate-opened", gate: { record, facts: branchAlone(record.head) } },
  });
}

/** The one decision of a gate step. */
export function settledGate({ observed }: View, action: GateSettle, at: string): Transaction {
  const payload = new PayloadDraft(at);
  const { project, run, step, gate, decision, by, via, reason, commit, risk, request } = action;
  const open = observed.runs.get(run);
  if (open === undefined) throw new Error(`${run} is not open`);
  const items = action.items.map((item): DecidedItem => {
    const cite = (content: typeof item.outputs): DecidedItem["outputs"] =>
      content.kind === "cited" ? content.citation : payload.addValue(content.value);
    const input = item.input === null ? null : cite(item.input);
    return { ...item, input, outputs: cite(item.outputs) };
  });
  const how = { run, step, gate, decision, by, via, reason };
  const record = { ...how, commit, at, risk, items, files: { ...action.files } };
  return transaction({
    event: settledEvent(action, { at, run: open, refused: refusedIn(observed, project) }),
    payload,
    change: { kind: "decision", decision: record, request },
  });
}

function refusedIn({ summaries }: Observed, project: string): Inventory["refused"] {
  return summaries.inventories.get(project)?.refused ?? {};
}
