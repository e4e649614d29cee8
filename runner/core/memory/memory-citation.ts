/** What an agent says that it used of what it was given: `cites` among its outputs. */
import type { Agent } from "#runner/schema/types.gen.ts";

export interface MemoryCitations {
  /** Records that it was given. */
  readonly cited: readonly string[];
  /** What it names without having been given it. */
  readonly notGiven: readonly string[];
}

const LONGEST_ID = 40;
const MOST_IDS = 100;

/** null: the agent's schema has no `cites`, or it gave nothing. */
export function citationsIn(
  { outputs: schema }: Pick<Agent, "outputs">,
  outputs: unknown,
  given: readonly string[],
): MemoryCitations | null {
  if (!citesMemory(schema) || !hasCites(outputs)) return null;
  const names = [...new Set(outputs.cites.filter((id) => typeof id === "string"))]
    .map((id) => id.slice(0, LONGEST_ID))
    .slice(0, MOST_IDS);
  return {
    cited: names.filter((id) => given.includes(id)),
    notGiven: names.filter((id) => !given.includes(id)),
  };
}

/** Whether the outputs of an agent say which records it used. */
function citesMemory(schema: Agent["outputs"]): boolean {
  const { properties } = schema;
  return typeof properties === "object" && properties !== null && "cites" in properties;
}

function hasCites(outputs: unknown): outputs is { readonly cites: readonly unknown[] } {
  return (
    typeof outputs === "object" &&
    outputs !== null &&
    "cites" in outputs &&
    Array.isArray(outputs.cites)
  );
}
