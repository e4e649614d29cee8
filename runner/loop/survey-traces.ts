/** Everything that holds what must be forgotten, by what may go and what may not. */
import { isLargeErasure } from "#runner/core/memory/memory-erasure.ts";
import { MAIN, PAYLOAD_BRANCHES } from "#runner/core/ref-names.ts";
import type { Engine } from "./engine.ts";
import { gateErasure, type GateErasure } from "./erase-gates.ts";
import { payloadErasures, type PayloadErasure } from "./erase-payload.ts";
import { tracesOf, type Trace } from "./traces.ts";

export interface Survey {
  readonly gates: GateErasure;
  readonly payload: readonly PayloadErasure[];
  /** What is not removed. */
  readonly rest: readonly Pick<Trace, "branch" | "files">[];
}

/** `gone`: paths on main that go anyway. */
export async function surveyTraces(
  engine: Engine,
  words: readonly string[],
  gone: ReadonlySet<string>,
): Promise<Survey> {
  const traces = await tracesOf(engine, words);
  const gates = await gateErasure(engine, traces);
  const payload = await payloadErasures(engine, traces);
  const going = new Set([...gone, ...gates.files]);
  const rest = traces
    .filter(({ ref }) => !ref.startsWith(PAYLOAD_BRANCHES) && !gates.branches.includes(ref))
    .map(({ ref, branch, files }) => {
      const left = ref === MAIN ? files.filter((path) => !going.has(path)) : files;
      return { branch, files: left };
    })
    .filter(({ files }) => files.length > 0);
  return { gates, payload, rest };
}

/** Why so much is not erased without a word of its own; null when it may be. */
export function whyLargeErasure(payload: readonly PayloadErasure[]): string | null {
  const going = payload.reduce((sum, { digests }) => sum + digests.length, 0);
  const total = payload.reduce((sum, month) => sum + month.total, 0);
  return isLargeErasure(going, total)
    ? `${going} of ${total} recorded inputs and outputs hold these words: they may mean something else, too`
    : null;
}
