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
    if (signal.aborted && isCutOff(error, signal)) return undefined;
    throw error;
  }
}

/** git rejects with the signal's reason, a pause with an error of its own. */
function isCutOff(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}
