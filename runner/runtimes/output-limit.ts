/** How much an agent may answer where its limits do not say. */
import type { Limits } from "#runner/schema/types.gen.ts";

const DEFAULT_OUTPUT_KB = 5120;

export function outputKbOf({ outputKb = DEFAULT_OUTPUT_KB }: Pick<Limits, "outputKb">): number {
  return outputKb;
}
