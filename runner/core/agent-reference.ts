/** How a step names its agent. */

/** `writer@^2` → `writer`. */
export function agentName(reference: string): string {
  return reference.split("@")[0] ?? reference;
}
