/** What one rung of the ladder gives, before it is judged. */
import { membersOf } from "#runner/core/json-object.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import type { Agent, Outcome } from "#runner/schema/types.gen.ts";
import type { Invocation, Result } from "./invocation.ts";
import type { AttemptDoor } from "./attempt-door.ts";
import type { OutputCheck } from "./output-check.ts";
import { toldMemory } from "./told-memory.ts";

export type RungResult = Omit<Result, "ms" | "rung" | "degraded">;

/** What every rung is given. */
export interface RungCall {
  readonly invocation: Invocation;
  readonly check: OutputCheck;
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal;
  /** Takes what the agent saves while it works. */
  readonly save: (checkpoints: Checkpoints) => void;
  /** Until the attempt's deadline. */
  readonly remainingMs: () => number;
  /** To the models that the agent may ask. */
  readonly door: AttemptDoor;
}

const EMPTY = { outputs: null, files: [], memory: [], rationale: "", log: "", started: false };

export function failed(outcome: Outcome, reason: string, more?: Partial<RungResult>): RungResult {
  return { ...EMPTY, ...more, outcome, reason };
}

export function succeeded(outputs: unknown, more?: Partial<RungResult>): RungResult {
  return { ...EMPTY, ...more, outcome: "succeeded", reason: "", outputs };
}

/** Text of a file in the agent's own folder; undefined when it is not there. */
export function agentFile({ agent, files }: Invocation, name: string): string | undefined {
  const path = agentPath(agent, name);
  const file = files.find((candidate) => candidate.path === path);
  return file && new TextDecoder().decode(file.content);
}

export function agentPath(agent: AgentVersion, name: string): string {
  return `agents/${agent.name}/${name}`;
}

/** What prompts and templates may name. */
export function proseData(invocation: Invocation): Readonly<Record<string, unknown>> {
  const { inputs, memory, clusters = [], asOf, project, projectDir, feedback = "" } = invocation;
  const clock = asOf === null ? {} : { asOf };
  const told = memory.map((record) => toldMemory(record, asOf));
  return {
    inputs,
    memory: told,
    clusters,
    feedback,
    ...clock,
    project: { name: project, dir: projectDir },
  };
}

/** The schema of an output field as far as it is written inline. */
export function fieldSchema(agent: Agent, field: string): Readonly<Record<string, unknown>> {
  const properties = membersOf(agent.outputs["properties"]);
  return membersOf(properties[field]);
}

/** A prompt that names no feedback is followed by it: whoever asked for changes is heard in any case. */
export function withFeedback(text: string, source: string, { feedback = "" }: Invocation): string {
  if (feedback === "" || source.includes("feedback")) return text;
  return `${text}\n\nThe operator has rejected what was made before, with these words. Do it better:\n${feedback}`;
}
