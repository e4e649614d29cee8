/** Why something is not done that somebody asks for: what is wrong, and what to do next. */
export interface Refusal {
  readonly ok: false;
  /** `usage`: what was asked for does not exist; `refused`: it may not be. */
  readonly exit: "usage" | "refused";
  readonly message: string;
  readonly hint: string;
}

export function refusal(exit: Refusal["exit"], message: string, hint: string): Refusal {
  return { ok: false, exit, message, hint };
}
