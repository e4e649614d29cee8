/** A record that an operator writes: its file, or why it is not needed. */
import { shortDigest } from "#runner/core/identifier.ts";
import { contradictions } from "./memory-contradiction.ts";
import { renderMemoryFile, type StoredMemory } from "./memory-file.ts";
import { memoryPath } from "./memory-path.ts";
import type { MemoryProposal } from "./memory-proposal.ts";
import { memoryDigest, saysTheSame } from "./memory-text.ts";
import type { MemoryRecord } from "#runner/schema/types.gen.ts";

export interface MemoryEntry {
  readonly namespace: string;
  readonly proposal: MemoryProposal;
  /** What agents cannot say. */
  readonly more: Pick<MemoryRecord, "supersedes" | "retracts" | "tags" | "ttl" | "pinned">;
}

export interface WrittenMemory {
  readonly id: string;
  readonly path: string;
  readonly file: string;
}

/** The same entry at the same instant gives the same file. */
export function writtenMemory(entry: MemoryEntry, at: string): WrittenMemory {
  const { namespace, proposal, more } = entry;
  const { text, ...said } = proposal;
  const { kind, subject, attribute } = said;
  const id = `mem_${shortDigest([namespace, kind, subject, attribute ?? "", text, at], 16)}`;
  const record: MemoryRecord = { id, ...said, trust: "operator", recordedAt: at, ...more };
  const path = memoryPath({ namespace, kind, subject, attribute, at, id });
  return { id, path, file: renderMemoryFile(record, text) };
}

type Answering = Pick<StoredMemory, "id" | "namespace" | "record" | "text">;

export interface EntryRefusal {
  readonly message: string;
  readonly hint: string;
}

/** Why an entry adds nothing, or contradicts what is there; undefined when it may be written. `active`: all records in force. */
export function whyNotWritten(
  entry: MemoryEntry,
  active: readonly StoredMemory[],
): EntryRefusal | undefined {
  const { namespace, proposal, more } = entry;
  const replaced = [...(more.supersedes ?? []), ...(more.retracts ?? [])];
  const others = active.filter(
    (other) => other.namespace === namespace && !replaced.includes(other.id),
  );
  const same = others.find(({ text }) => memoryDigest(text) === memoryDigest(proposal.text));
  if (same !== undefined) {
    const message = `${same.id} says the same: nothing was written`;
    return { message, hint: `fettle memory show ${same.id}` };
  }
  const near = others.find(
    ({ record, text }) => record.subject === proposal.subject && saysTheSame(text, proposal.text),
  );
  if (near !== undefined) {
    const message = `${near.id} says nearly the same: nothing was written`;
    return { message, hint: `fettle memory supersede ${near.id} "…"   replaces it` };
  }
  const { text, ...record } = proposal;
  const own = { id: "", namespace, record, text };
  const rival = contradictions<Answering>([...others, own])
    .find((group) => group.includes(own))
    ?.find(({ id }) => id !== "");
  if (rival === undefined) return undefined;
  const message = `${rival.id} answers that already, otherwise: ${rival.text}`;
  return { message, hint: `fettle memory supersede ${rival.id} "…"   replaces it` };
}

/** The text of a record's file with the one word of its front matter changed. */
export function withPin(file: string, pinned: boolean): string | null {
  const match = /^(\uFEFF?---\r?\n)([^]*?)(^---(?:\r?\n|$))/mu.exec(file);
  if (match === null || match.index !== 0) return null;
  const [whole, open = "", yaml = "", close = ""] = match;
  const without = yaml.replaceAll(/^pinned:.*(?:\r?\n|$)/gmu, "");
  return `${open}${without}${pinned ? "pinned: true\n" : ""}${close}${file.slice(whole.length)}`;
}
