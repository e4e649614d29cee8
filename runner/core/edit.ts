/** A delivered file that somebody changed on main. */
export interface Edit {
  readonly path: string;
  /** Blob as it was delivered. */
  readonly from: string;
  /** Blob that main holds; null: it is gone. */
  readonly to: string | null;
  /** E-mail; empty when nobody can tell. */
  readonly by: string;
}
