/** Opening gates as a branch: each on one of its own, or those of a briefing together. */
import { membersOf } from "#runner/core/json-object.ts";
import { secondsOf } from "#runner/core/time/instant.ts";
import { itemSlug } from "#runner/core/identifier.ts";
import { briefingIndex } from "#runner/core/gate/briefing.ts";
import type { GateOpen, GateShown } from "#runner/core/gate/gate-action.ts";
import { branchAlone } from "#runner/core/gate/gate-state.ts";
import { deadlines, openedEvent, type Deadlines } from "#runner/core/gate/opened-gate.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { gatePath } from "#runner/core/state-path.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { renderAnswerFile } from "#runner/schema/answer-file.ts";
import { renderItemFile } from "#runner/schema/gate-file.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { openRunOf, type Carried } from "./carry-gate.ts";
import type { Engine, View } from "./engine.ts";
import { readMemoryBehind } from "./memory-behind.ts";
import { raisedCap, type RaisedCap } from "./raised-cap.ts";

interface Opening {
  /** One, or all of a briefing. */
  readonly opens: readonly GateOpen[];
  readonly planDigest: string;
}

/** Builds the branch of the proposals; nothing is visible before the transactions that move its ref. */
export async function openGates(
  engine: Engine,
  view: View,
  { opens, planDigest }: Opening,
): Promise<readonly Carried[]> {
  const at = engine.clock();
  const base = await baseOf(
    engine,
    view,
    opens.flatMap(({ gate }) => gate.claims),
  );
  const drafts = await Promise.all(
    opens.map((open) => draftOf(engine, view, { open, planDigest, base, at })),
  );
  const [first] = opens;
  if (first === undefined) return [];
  const ref = branchRef(first.gate.branch);
  const head = await engine.store.buildCommit({
    parent: base,
    files: [...indexFile(engine, view, drafts), ...drafts.flatMap(({ files }) => files)],
    message: messageOf(first),
    at: secondsOf(at),
  });
  const update = { ref, from: view.refs.get(ref) ?? null, to: head };
  return drafts.map((draft, index) => ({
    transaction: openedGate({ ...draft.record, head }, draft),
    refs: index === 0 ? [update] : [],
  }));
}

interface Drafting {
  readonly open: GateOpen;
  readonly planDigest: string;
  readonly base: string;
  readonly at: string;
}

interface Draft {
  readonly open: GateOpen;
  readonly due: Deadlines;
  readonly record: Omit<GateRecord, "head">;
  readonly files: readonly FileChange[];
  readonly payload: PayloadDraft;
}

async function draftOf(
  engine: Engine,
  view: View,
  { open, planDigest, base, at }: Drafting,
): Promise<Draft> {
  const run = openRunOf(view, open.gate.run);
  const due = deadlines(open, at);
  const payload = new PayloadDraft(at);
  const items = open.items.map((item, index) => gateItem(open, { item, index, payload }));
  const raised = await raisedCap(engine, open.gate.raises, { base, payload });
  const { policy } = view.workspace.settings;
  const change = raised && { change: raised.change };
  const behind = await readMemoryBehind(engine, view, { run, gate: open.gate.step });
  const told = { open, run, planDigest, ...due, policy, ...change, ...behind };
  const decision = engine.decisionText(told);
  const { briefing } = open;
  return {
    open,
    due,
    record: {
      ...open.gate,
      ...(briefing === undefined ? {} : { briefing: { id: briefing.id, place: briefing.place } }),
      planDigest,
      openedAt: at,
      answerBy: due.answerBy,
      ...(due.vetoUntil === null ? {} : { vetoUntil: due.vetoUntil }),
      items,
      ...(raised && { deliverables: [raised.deliverable] }),
      absentSince: null,
    },
    files: branchFiles(open, { decision, items, raised }),
    payload,
  };
}

function openedGate(record: GateRecord, { open, payload }: Draft): Carried["transaction"] {
  return transaction({
    event: openedEvent(record, open),
    files: [[gatePath(record.id), record]],
    payload,
    change: { kind: "gate-opened", gate: { record, facts: branchAlone(record.head) } },
  });
}

function messageOf({ gate, briefing }: GateOpen): string {
  if (briefing === undefined) {
    return `${gate.title}\n\nFettle-Gate: ${gate.id}\nFettle-Run: ${gate.run}\n`;
  }
  return `Briefing ${briefing.id}\n\nFettle-Gate: ${briefing.id}\n`;
}

/** What the whole briefing is about, a line for each gate. */
function indexFile(
  engine: Engine,
  { workspace }: View,
  drafts: readonly Draft[],
): readonly FileChange[] {
  const briefing = drafts[0]?.open.briefing;
  if (briefing === undefined) return [];
  const gates = drafts
    .toSorted((a, b) => (a.open.briefing?.place ?? 0) - (b.open.briefing?.place ?? 0))
    .map(({ open, due }) => ({ open, ...due }));
  const { policy } = workspace.settings;
  return [
    {
      path: briefingIndex(briefing.id),
      content: engine.briefingText({ id: briefing.id, gates, policy }),
    },
  ];
}

interface Proposal {
  readonly decision: string;
  readonly items: GateRecord["items"];
  readonly raised: RaisedCap | undefined;
}

/** The record, and what is approved with it. */
function branchFiles(
  open: GateOpen,
  { decision, items: recorded, raised }: Proposal,
): readonly FileChange[] {
  const { gate, items } = open;
  const cap =
    raised === undefined ? [] : [{ path: raised.deliverable.path, content: raised.content }];
  return [
    { path: `${gate.folder}/decision.md`, content: decision },
    ...items.map((item, index) => itemFile(recorded[index]?.path ?? "", item, open)),
    ...gate.deliverables.map(({ path, blob }) => ({ path, oid: blob })),
    ...cap,
  ];
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
  { gate: { raises }, question }: GateOpen,
): FileChange {
  if (question !== undefined) {
    return { path, content: renderAnswerFile(question, membersOf(outputs)) };
  }
  const item = { key, ...(input === undefined ? {} : { input }), outputs };
  return { path, content: renderItemFile(item, raises?.file) };
}
