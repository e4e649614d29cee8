/** The limit of the answer that a client asks for. */

/** A problem in words where it is no whole number above zero. */
export function limitProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isLimit = typeof value === "number" && Number.isSafeInteger(value) && value > 0;
  return isLimit ? undefined : `${name} must be a whole number above 0`;
}

/** Smallest of the limits that are set. */
export function smallestLimit(values: readonly unknown[]): number | undefined {
  const limits = values.filter((value) => typeof value === "number");
  return limits.length === 0 ? undefined : Math.min(...limits);
}
