/** The embedder as a step may ask it: within what the step was granted, and only where its answer is for this step alone. */
import type { StepStart } from "#runner/core/action.ts";
import type { Engine, Hearing, View } from "./engine.ts";
import { embedderId, type OpenedEmbedder, openEmbedder } from "./open-embedder.ts";
import { isForOthers, type Work } from "./step-key.ts";

/** Who prepares a step that is executed here. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly hold: Hearing["hold"];
}

/** A step is not held up by a memory that has no vectors yet. */
const MOST_RECORDS = 256;

interface Recalling extends Pick<Work, "run" | "step" | "agent"> {
  readonly action: StepStart;
  readonly asking: Asking | null;
}

export async function embedderFor(
  engine: Engine,
  { workspace }: View,
  { run, step, agent, action, asking }: Recalling,
): Promise<OpenedEmbedder | null> {
  if (embedderId(workspace) === null || agent.manifest.memory?.recall === undefined) return null;
  if (asking === null) return without("the step is executed on another machine");
  if (isForOthers({ run, step })) return without("the result is kept for other runs");
  const { grant } = action;
  return openEmbedder(engine, workspace, {
    ...asking,
    ...(grant !== undefined && { grant }),
    most: MOST_RECORDS,
  });
}

function without(why: string): OpenedEmbedder {
  return { kind: "without", why };
}
