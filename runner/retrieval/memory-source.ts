/** The files of memory as an index sees them; who builds one says how they are read. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";

export type FileBlobs = Iterable<readonly [path: string, blob: string]>;

export interface MemorySource {
  /** Tree of `memory/` on main; null: there is none. */
  readonly tree: string | null;
  /** Path to blob of what waits for delivery: it comes on top. */
  readonly overlay: ReadonlyMap<string, string>;
  /** Path to blob of every file of records, the overlay included. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  /**
   * Every file that may differ from an index of `tree` with files laid over it, with its blob now (null: gone);
   * null when that tree is not here any more.
   */
  readonly changedSince: (
    tree: string | null,
    overlaid: readonly string[],
  ) => Promise<ReadonlyMap<string, string | null> | null>;
  /** Their records; a file that is not valid has none. */
  readonly read: (files: FileBlobs) => Promise<readonly StoredMemory[]>;
}
