/** `fettle memory add`: the operator remembers something. */
import { readFileSync } from "node:fs";
import { instantOf } from "#runner/core/time/civil-date.ts";
import { betterSubject } from "#runner/core/memory/memory-subject.ts";
import {
  writtenMemory,
  whyNotWritten,
  type MemoryEntry,
} from "#runner/core/memory/memory-entry.ts";
import { whyForgotten } from "#runner/core/memory/memory-tombstone.ts";
import { readForgotten } from "#runner/loop/tombstones.ts";
import { readProposal } from "#runner/core/memory/memory-proposal.ts";
import { changingMemory, type MemoryChange } from "./changing-memory.ts";
import { heldSecret } from "./held-secret.ts";
import type { SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface EntryOptions {
  readonly namespace?: string;
  readonly kind?: string;
  readonly subject?: string;
  readonly attribute?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly confidence?: number;
  readonly ttl?: string;
  readonly tag?: readonly string[];
  readonly pinned?: boolean;
}

export function memoryAddVerb(
  context: VerbContext,
  text: string | null,
  options: EntryOptions,
): Promise<Answer> {
  if (options.subject === undefined) {
    const hint = 'fettle memory add --subject client/acme "…"';
    return Promise.resolve(refused("usage", "what is it about?", hint));
  }
  const said = textOf(text);
  return changingMemory(context, async (memory) => entered(memory, { text: said, options }));
}

/** What was typed, or standard input. */
export function textOf(text: string | null): string {
  return (text === null || text === "-" ? readFileSync(0, "utf8") : text).trim();
}

export interface Entered {
  readonly text: string;
  readonly options: EntryOptions;
  readonly supersedes?: readonly string[];
  readonly retracts?: readonly string[];
}

/** The commit of an entry, or why it is refused. */
export async function entered(memory: SeenMemory, given: Entered): Promise<MemoryChange | Answer> {
  const entry = entryOf(given);
  if (typeof entry === "string") {
    return refused("usage", `it cannot be remembered: ${entry}`, "fettle memory add --help");
  }
  const { workspace } = memory.sight;
  const { namespace, proposal } = entry;
  if (namespace !== "org" && !workspace.projects.has(namespace)) {
    const names = ["org", ...workspace.projects.keys()].join(", ");
    return refused("usage", `there is no project ${namespace}`, `--namespace is one of ${names}`);
  }
  const secret = heldSecret(memory.engine, workspace, entry);
  if (secret !== undefined) return secret;
  const gone = await readForgotten(memory.engine.store.reader, memory.commit);
  const forgotten = whyForgotten(gone, proposal);
  if (forgotten !== undefined) {
    const hint = "memory/tombstones/ says who wanted that; without its file there it may be";
    return refused("refused", `${forgotten}: nothing was written`, hint);
  }
  const active = memory.records.filter(({ standing }) => standing.kind === "active");
  const refusal = whyNotWritten(entry, active);
  if (refusal !== undefined) return refused("refused", refusal.message, refusal.hint);
  const { id, path, file } = writtenMemory(entry, memory.at);
  return {
    files: [{ path, content: file }],
    subject: `Remember a ${proposal.kind} about ${proposal.subject}`,
    text: `${id} is remembered: ${path}`,
    json: { id, path },
  };
}

/** Why not, where it is not well-formed. */
function entryOf(given: Entered): MemoryEntry | string {
  const { text, options } = given;
  const { kind = "fact", subject, attribute, validFrom, validTo, confidence } = options;
  const wrong = whyMistyped(options);
  if (wrong !== undefined) return wrong;
  const said = { kind, subject, attribute, text, confidence, validFrom, validTo };
  const proposal = readProposal(said);
  if (typeof proposal === "string") return proposal;
  const { ttl, namespace = "org" } = options;
  if (ttl !== undefined && !DURATION.test(ttl)) return "--ttl is a duration such as 180d";
  return { namespace, proposal, more: moreOf(given) };
}

/** What is wrong with what was typed, said more plainly than a schema does. */
function whyMistyped({ subject = "", validFrom, validTo }: EntryOptions): string | undefined {
  const better = betterSubject(subject);
  if (better !== undefined) return `a subject is a path: --subject ${better}`;
  const days = [
    ["--valid-from", validFrom],
    ["--valid-to", validTo],
  ] as const;
  const bad = days.find(([, day]) => day !== undefined && !isDay(day));
  return bad && `${bad[0]} is a day such as 2026-12-01, not "${bad[1] ?? ""}"`;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/u.test(text) && instantOf(text) !== undefined;
}

const DURATION = /^[1-9]\d{0,3}[smhdw]$/u;

function moreOf({ options, supersedes, retracts }: Entered): MemoryEntry["more"] {
  const { ttl, tag, pinned } = options;
  return {
    ...(ttl === undefined ? {} : { ttl }),
    ...(tag === undefined ? {} : { tags: [...tag] }),
    ...(pinned === true ? { pinned } : {}),
    ...(supersedes === undefined ? {} : { supersedes: [...supersedes] }),
    ...(retracts === undefined ? {} : { retracts: [...retracts] }),
  };
}
