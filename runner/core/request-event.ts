/** Somebody asks for something, and what they have asked for is over: as the ledger keeps it. */
export interface RequestMade {
  readonly kind: "request-made";
  readonly request: string;
  readonly by: string;
  readonly asks: string;
  /** Where it was asked for in one. */
  readonly comment?: CommentHeard;
}

export interface RequestSettled {
  readonly kind: "request-settled";
  readonly request: string;
  readonly reason: string;
  /** Where one lets go on what was stopped. */
  readonly comment?: CommentHeard;
}

/** A comment, and the open gates that it stands under: it asks no second time. */
export interface CommentHeard {
  readonly id: number;
  readonly gates: readonly string[];
}
