/** Who wrote a commit and when, in seconds since 1970. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly at: number;
}

/** One path of a commit: new content, a blob that exists already, or gone. */
export type FileChange =
  | { readonly path: string; readonly content: string | Uint8Array; readonly executable?: boolean }
  | { readonly path: string; readonly oid: string; readonly executable?: boolean }
  | { readonly path: string; readonly delete: true };

/** One commit to write: the tree of `parent` (nothing, for `null`) with `files` changed. */
export interface CommitTarget {
  readonly parent: string | null;
  readonly mergeParents?: readonly string[];
  readonly files: readonly FileChange[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}
