/** What one commit of the state branch says, and its files as git takes them. */
import { isEventsPath } from "#runner/core/state-path.ts";
import type { FileChange } from "./commit-target.ts";
import type { RefUpdate } from "./ref-transaction.ts";
import type { ChangedFile } from "./tree-diff.ts";

/** Everything that becomes true in one commit of the state branch. */
export interface StateChange {
  readonly subject: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Path to canonical JSON text; `null` removes the file. */
  readonly stateFiles: ReadonlyMap<string, string | null>;
  /** Blobs for the payload branches, by month (`yyyy-mm`). */
  readonly payload: readonly {
    readonly month: string;
    readonly files: ReadonlyMap<string, Uint8Array>;
  }[];
  /** Refs that move in the same transaction; their commits exist already. */
  readonly alsoRefs: readonly RefUpdate[];
  /** Seconds since 1970. */
  readonly at: number;
}

export function fileChange([path, text]: readonly [string, string | null]): FileChange {
  return text === null ? { path, delete: true } : { path, content: text };
}

export function sameBlob({ path, oid }: ChangedFile): FileChange {
  return oid === null ? { path, delete: true } : { path, oid };
}

/** With the event file of the change for all of theirs. */
export function retold(changed: readonly ChangedFile[], { stateFiles }: StateChange): FileChange[] {
  const kept = changed.filter(({ path }) => !isEventsPath(path)).map(sameBlob);
  return [...kept, ...[...stateFiles].map(fileChange)];
}

export function messageOf({ subject, trailers }: StateChange): string {
  const lines = trailers.map(([name, value]) => `${name}: ${oneLine(value)}\n`);
  return `${oneLine(subject)}\n\n${lines.join("")}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
