/** A machine that has no processes, open files or memory left to start a program with. */
const SHORT: ReadonlySet<unknown> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);
const SAID = /temporarily unavailable|Cannot allocate memory|Too many open files/u;

export function isShortage(error: unknown): boolean {
  return error instanceof Error && "code" in error && SHORT.has(error.code);
}

/** As a program says it that could not start another one. */
export function tellsOfShortage(said: string): boolean {
  return SAID.test(said);
}
