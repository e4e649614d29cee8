/** Judges the outputs of a rung by the agent's schema. */
import { compileAgentSchema } from "#runner/schema/agent-schema.ts";
import type { SharedSchemas } from "#runner/schema/shared-schema.ts";
import type { Agent } from "#runner/schema/types.gen.ts";

/** The first error in a sentence; undefined when the value is valid. */
export type OutputCheck = (value: unknown) => string | undefined;

interface Compilation {
  readonly shared: SharedSchemas | undefined;
  readonly check: OutputCheck | string;
}

/** Compiling costs more than most checks, and a list has many items. */
const compilations = new WeakMap<Agent, Compilation>();

/** The check of the agent's `outputs`, or why its schema is none. */
export function outputCheck(agent: Agent, shared: SharedSchemas | undefined): OutputCheck | string {
  const known = compilations.get(agent);
  if (known !== undefined && known.shared === shared) return known.check;
  const check = compile(agent, shared);
  compilations.set(agent, { shared, check });
  return check;
}

function compile({ outputs }: Agent, shared: SharedSchemas | undefined): OutputCheck | string {
  const compiled = compileAgentSchema(outputs, shared);
  if (!compiled.ok) return compiled.reason;
  return (value) => {
    const validation = compiled.validate(value);
    if (validation.ok) return undefined;
    const { path = "", message = "" } = validation.errors[0] ?? {};
    return [path, message].filter(Boolean).join(" ");
  };
}
