/** What a forge shows of the pull request of an open gate. Facts only: nothing here decides. */

/** Somebody who acts on the forge. */
export interface ForgeAccount {
  readonly login: string;
  readonly isBot: boolean;
}

export interface ForgeReview extends ForgeAccount {
  readonly state: "approved" | "changes-requested" | "commented" | "dismissed";
  /** Head that was reviewed. */
  readonly commit: string;
  readonly at: string;
  /** What the reviewer wrote; text from outside. */
  readonly text: string;
}

export interface ForgeFacts {
  /** `none`: there is no pull request for the branch. */
  readonly state: "open" | "closed" | "merged" | "none";
  /** null where it is not closed, or the forge does not tell. */
  readonly closedBy: ForgeAccount | null;
  readonly mergedBy: ForgeAccount | null;
  /** Oldest first. */
  readonly reviews: readonly ForgeReview[];
  /** null: the forge has not found out yet. */
  readonly mergeable: boolean | null;
  readonly draft: boolean;
}
