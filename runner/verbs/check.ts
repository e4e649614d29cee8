/** One thing that `fettle doctor` looks at. */
export interface Check {
  readonly status: "ok" | "warning" | "problem";
  readonly what: string;
  /** What to do; empty when all is well. */
  readonly fix: string;
}

export function ok(what: string): Check {
  return { status: "ok", what, fix: "" };
}
