/** The forge's part of a tick: what it shows before the plan, and what it is told after it. */
import type { Hold } from "#runner/core/action.ts";
import { endorsedGates } from "#runner/core/endorsed.ts";
import type { Engine, View } from "./engine.ts";
import type { ForgeSeen } from "./forge-desk.ts";
import { tendForge } from "./tend-forge.ts";
import type { TickEnd } from "./tick-end.ts";
import { unlessStopped } from "./unless-stopped.ts";

const UNSEEN: ForgeSeen = { forge: null, hold: null, print: "", isWhole: true };

/** Where the origin cannot be reached, what the forge shows is not asked for: it would be ahead of git. */
export async function seeForge(
  engine: Engine,
  { isAway }: { readonly isAway: boolean },
  signal: AbortSignal,
): Promise<ForgeSeen> {
  if (isAway) return UNSEEN;
  return (await unlessStopped(signal, () => engine.forge.see(engine, signal))) ?? UNSEEN;
}

/** Merges what operators have approved in words, as they saw it; true when main has moved. */
export async function mergeEndorsed(
  engine: Engine,
  view: View,
  { seen, signal }: { readonly seen: ForgeSeen; readonly signal: AbortSignal },
): Promise<boolean> {
  const { forge, hold } = seen;
  if (forge === null || hold !== null) return false;
  const endorsed = endorsedGates(view.workspace, view.observed, engine.clock());
  let hasMoved = false;
  for (const { gate, head, by } of endorsed) {
    const pull = engine.forge.pulls.get(gate.branch);
    if (pull === undefined) continue;
    const message = `Approve: ${gate.title}\n\nFettle-Gate: ${gate.id}\nFettle-Approved-By: ${by}\n`;
    const merged = await unlessStopped(signal, () =>
      forge.merge(pull.number, { head, message }, signal),
    );
    hasMoved ||= merged?.ok === true && merged.value.kind === "merged";
  }
  return hasMoved;
}

interface Ended {
  readonly end: TickEnd;
  readonly view: View | null;
}

/** What could not be told to the forge; only what is published is told. */
export async function tellForge(
  engine: Engine,
  { end, view }: Ended,
  { seen, signal }: { readonly seen: ForgeSeen; readonly signal: AbortSignal },
): Promise<readonly Hold[]> {
  if (seen.hold !== null) return [seen.hold];
  if (end.kind !== "settled" || view === null) return [];
  return (await unlessStopped(signal, () => tendForge(engine, view, signal))) ?? [];
}
