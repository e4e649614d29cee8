import type { Agent } from "#runner/schema/types.gen.ts";

/** Whether text from outside can reach what the agent gives: through the network, or through its tools. */
export function hearsOutside({ network, tools }: Pick<Agent, "network" | "tools">): boolean {
  return (network !== undefined && network.length > 0) || tools !== undefined;
}
