/** Every open gate has its pull request, with the text that it should have. */
import type { Hold } from "#runner/core/action.ts";
import { briefingIndex } from "#runner/core/briefing.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { ProposalText } from "#runner/core/proposal-input.ts";
import type { Forge, PullFacts, Told } from "#runner/forge/port.ts";
import { readItemFile } from "#runner/schema/gate-file.ts";
import type { Engine, View } from "./engine.ts";
import { forgeHold } from "./forge-desk.ts";

/** After everything is published; what the forge refuses is tried again by the next tick. */
export async function tendForge(
  engine: Engine,
  view: View,
  signal: AbortSignal,
): Promise<readonly Hold[]> {
  const gates = [...view.observed.gates.values()].filter(({ facts }) => facts.branchHead !== null);
  const forge = gates.length === 0 ? null : await engine.forge.forge(engine);
  if (forge === null) return [];
  // A briefing is one pull request, whatever it holds.
  const branches = new Map(gates.toReversed().map((gate) => [gate.record.branch, gate]));
  for (const gate of branches.values()) {
    const told = await tend({ engine, view, forge, signal }, gate);
    if (!told.ok) return [forgeHold(told)];
  }
  return [];
}

interface Tending {
  readonly engine: Engine;
  readonly view: View;
  readonly forge: Forge;
  readonly signal: AbortSignal;
}

type Tended = Told<"open" | "changed" | "left">;

async function tend(tending: Tending, gate: ObservedGate): Promise<Tended> {
  const { engine, forge, signal } = tending;
  const { branch } = gate.record;
  const pull = engine.forge.pulls.get(branch);
  if (pull !== undefined && pull.state !== "open") return LEFT;
  const text = await textOf(tending, gate);
  if (text === null) return LEFT;
  if (pull === undefined) {
    const made = await forge.propose({ branch, ...text }, signal);
    return made.ok ? { ok: true, value: "open" } : made;
  }
  return isAsWritten(pull, text) ? LEFT : forge.revise(pull.number, text, signal);
}

const LEFT: Tended = { ok: true, value: "left" };

/** A body names in its last line what it was made of: what a person has changed above it stays. */
function isAsWritten({ body }: PullFacts, text: ProposalText): boolean {
  return lastLine(body) === lastLine(text.body);
}

function lastLine(text: string): string {
  return text.trimEnd().split(/\r?\n/u).at(-1) ?? "";
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
      const read = file === undefined ? null : readItemFile(file.toString("utf8"));
      return { item, outputs: read?.ok === true ? read.outputs : null };
    }),
  );
  const { policy } = view.workspace.settings;
  return engine.proposalText({ gate: record, run, items, policy });
}

/** The index of the briefing; null where its branch is not in this clone. */
async function briefingOf(
  { store: { reader } }: Engine,
  id: string,
  head: string,
): Promise<ProposalText | null> {
  const index = await reader.readBlob(`${head}:${briefingIndex(id)}`);
  if (index === undefined) return null;
  const body = `${index.toString("utf8").trimEnd()}\n\n<!-- fettle ${id} ${head} -->\n`;
  return { title: `Decide together: ${id}`, body, labels: ["fettle"] };
}
