/** Somebody asks for something: as the ledger keeps it. */
export interface RequestMade {
  readonly kind: "request-made";
  readonly request: string;
  readonly by: string;
  readonly asks: string;
  /** The comment that it was made from, and the open gates that the comment stands under: it asks no second time. */
  readonly comment?: { readonly id: number; readonly gates: readonly string[] };
}
