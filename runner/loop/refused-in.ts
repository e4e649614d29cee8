/** What operators have refused in a project. */
import type { View } from "./engine.ts";

/** Digests. */
export function refusedIn({ observed }: Pick<View, "observed">, project: string): Set<string> {
  return new Set(Object.keys(observed.summaries.inventories.get(project)?.refused ?? {}));
}
