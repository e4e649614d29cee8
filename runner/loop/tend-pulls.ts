/** Every open gate has its pull request, which says what it should, whoever has written there since. */
import { briefingIndex } from "#runner/core/gate/briefing.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { ProposalText } from "#runner/core/gate/proposal-input.ts";
import type { Forge, PullFacts, Told } from "#runner/forge/port.ts";
import { readItemFile } from "#runner/schema/gate-file.ts";
import type { Engine, View } from "./engine.ts";

export interface Tending {
  readonly engine: Engine;
  readonly view: View;
  readonly forge: Forge;
  readonly signal: AbortSignal;
}

/** Numbers of the pull requests by branch; what the forge refuses is tried again by the next tick. */
export async function tendPulls(tending: Tending): Promise<Told<ReadonlyMap<string, number>>> {
  const { gates } = tending.view.observed;
  const there = [...gates.values()].filter(({ facts }) => facts.branchHead !== null);
  // A briefing is one pull request, whatever it holds.
  const branches = new Map(there.toReversed().map((gate) => [gate.record.branch, gate]));
  const numbers = new Map<string, number>();
  for (const [branch, gate] of branches) {
    const told = await tend(tending, gate);
    if (!told.ok) return told;
    if (told.value !== null) numbers.set(branch, told.value);
  }
  return { ok: true, value: numbers };
}

/** Its number; null where there is none. */
async function tend(tending: Tending, gate: ObservedGate): Promise<Told<number | null>> {
  const pull = tending.engine.forge.pulls.get(gate.record.branch);
  const isLeft = pull !== undefined && pull.state !== "open";
  const text = isLeft ? null : await textOf(tending, gate);
  if (text === null) return { ok: true, value: pull?.number ?? null };
  return pull === undefined ? propose(tending, gate, text) : revise(tending, pull, text);
}

async function propose(
  { forge, signal }: Tending,
  { record: { branch } }: ObservedGate,
  text: ProposalText,
): Promise<Told<number | null>> {
  const made = await forge.propose({ branch, ...text }, signal);
  if (!made.ok) return made;
  return { ok: true, value: made.value.kind === "absent" ? null : made.value.number };
}

async function revise(
  { forge, signal }: Tending,
  pull: PullFacts,
  text: ProposalText,
): Promise<Told<number | null>> {
  const known = { ok: true, value: pull.number } as const;
  if (isAsWritten(pull, text)) return known;
  const revised = await forge.revise(pull.number, text, signal);
  return revised.ok ? known : revised;
}

/** Whoever may write there may change it, and a person decides by what it says: all of it is compared. A browser sends other ends of lines. */
function isAsWritten(pull: PullFacts, { title, body }: ProposalText): boolean {
  return (
    pull.title.trim() === title.trim() &&
    pull.body.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()
  );
}

/** null: the run is not known here. */
async function textOf(
  { engine, view }: Tending,
  { record }: ObservedGate,
): Promise<ProposalText | null> {
  const run = view.observed.runs.get(record.run);
  if (run === undefined) return null;
  const { reader } = engine.store;
  if (record.briefing !== undefined) return briefingOf(engine, record.briefing.id, record.head);
  const items = await Promise.all(
    record.items.map(async (item) => {
      const file = await reader.readBlob(`${record.head}:${item.path}`);
      const text = file?.toString("utf8");
      // The form itself says what is asked.
      if (record.asks !== undefined) return { item, outputs: text ?? null };
      const read = text === undefined ? null : readItemFile(text);
      return { item, outputs: read?.ok === true ? read.outputs : null };
    }),
  );
  const { policy } = view.workspace.settings;
  return engine.proposalText({ gate: record, run, items, policy });
}

/** null where its branch is not in this clone. */
async function briefingOf(
  { store: { reader }, briefingProposal }: Engine,
  id: string,
  head: string,
): Promise<ProposalText | null> {
  const index = await reader.readBlob(`${head}:${briefingIndex(id)}`);
  return index === undefined ? null : briefingProposal({ id, head, index: index.toString("utf8") });
}
