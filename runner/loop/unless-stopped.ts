/** Work that a signal may cut off, such as talk with an origin, and work that nothing may. */

/** For what comes to its end by itself, whatever happens. */
export const NEVER = new AbortController().signal;

/** What it gives; undefined when the signal cut it off. */
export async function unlessStopped<Value>(
  signal: AbortSignal,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return signal.aborted ? undefined : await work();
  } catch (error) {
    if (isCutOff(error, signal)) return undefined;
    throw error;
  }
}

/** Whether it is an error because of the signal: git rejects with its reason, a pause with an error of its own. */
export function isCutOff(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}
