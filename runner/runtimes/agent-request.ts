/** What an agent is told, as JSON. */
import type { Invocation } from "./invocation.ts";

/** `checkpointFolder` as the agent sees it; null where it has none. */
export function requestOf(invocation: Invocation, checkpointFolder: string | null): object {
  const { inputs, asOf, run, step, item, attempt, memory, feedback, clusters } = invocation;
  const { checkpoints = new Map<string, unknown>() } = invocation;
  const { effectKey: key, resume = false, askOnly = false } = invocation;
  return {
    inputs,
    ...(asOf === null ? {} : { asOf }),
    run,
    step,
    item,
    attempt,
    project: { name: invocation.project, dir: invocation.projectDir },
    memory,
    ...(clusters === undefined ? {} : { clusters }),
    ...(feedback === undefined ? {} : { feedback }),
    history: invocation.history ?? {},
    checkpoints: Object.fromEntries(checkpoints),
    ...(checkpointFolder === null ? {} : { checkpointFolder }),
    effect: key === undefined ? null : { key, resume, askOnly },
  };
}
