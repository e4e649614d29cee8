/** A memory record: what it says, where it comes from, what replaced it, and who used it. */
import { instant, text, type Explanation, type Fact } from "#runner/core/explanation.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { MemoryStanding } from "#runner/core/memory/memory-standing.ts";
import { standingWords } from "#runner/core/memory/memory-words.ts";
import type { MemoryUse } from "#runner/core/memory/memory-use.ts";

export interface MemoryFacts {
  readonly memory: StoredMemory & {
    readonly standing: MemoryStanding;
    readonly isPending: boolean;
  };
  /** Oldest first. */
  readonly uses: readonly MemoryUse[];
  /** Records in force that answer the same question otherwise. */
  readonly contradicting: readonly StoredMemory[];
}

const USES_SHOWN = 10;

export function explainMemory(facts: MemoryFacts): Explanation {
  const { memory } = facts;
  const { id, record } = memory;
  const about = record.attribute === undefined ? "" : `, ${record.attribute}`;
  return {
    title: `${record.kind} ${id} about ${record.subject}${about}`,
    summary: memory.isPending ? "waits for delivery to main" : standingWords(memory.standing),
    sections: [
      { title: "what it says", facts: [text("text", memory.text), ...saidFacts(memory)] },
      { title: "where it comes from", facts: sourceFacts(memory) },
      { title: "other records", facts: otherFacts(facts) },
      { title: "who was given it", facts: useFacts(facts.uses) },
      { title: "to change it", facts: changeFacts(memory) },
    ],
  };
}

function saidFacts({ record }: StoredMemory): Fact[] {
  const { confidence, validFrom, validTo, tags = [], ttl, pinned } = record;
  return [
    ...maybe("confidence", confidence?.toString()),
    ...maybe("holds from", validFrom),
    ...maybe("until", validTo),
    ...maybe("forgotten after", ttl),
    ...(pinned === true ? [text("pinned", "it never expires")] : []),
    ...maybe("tags", tags.join(", ")),
  ];
}

const TRUST = {
  operator: "written by hand",
  internal: "written by an agent",
  external: "an agent made it from outside text",
} as const;

function sourceFacts({ path, namespace, record }: StoredMemory): Fact[] {
  const { source = {}, trust, recordedAt } = record;
  return [
    text("file", path),
    text("namespace", namespace),
    ...maybe("trust", trust === undefined ? undefined : TRUST[trust]),
    ...maybe("run", source.run),
    ...maybe("step", source.step),
    ...maybe("agent", source.agent),
    ...maybe("evidence", source.evidence?.join(", ")),
    ...instant("recorded", recordedAt),
    ...stepCommand(source),
  ];
}

function stepCommand({ run, step }: NonNullable<StoredMemory["record"]["source"]>): Fact[] {
  if (run === undefined) return [];
  const name = step === undefined ? run : `${run}/${step}`;
  return [{ kind: "command", label: "more", words: ["fettle", "explain", name] }];
}

function maybe(label: string, value: string | undefined): Fact[] {
  return value === undefined || value === "" ? [] : [text(label, value)];
}

function otherFacts({ memory, contradicting }: MemoryFacts): Fact[] {
  const { supersedes = [], retracts = [] } = memory.record;
  const { standing } = memory;
  return [
    ...(supersedes.length === 0 ? [] : [text("supersedes", supersedes.join(", "))]),
    ...(retracts.length === 0 ? [] : [text("retracts", retracts.join(", "))]),
    ...("by" in standing ? [text(`${standing.kind} by`, standing.by)] : []),
    ...contradicting.map(({ id, text: says }) => text("contradicts", `${id}: ${says}`)),
  ];
}

function useFacts(uses: readonly MemoryUse[]): Fact[] {
  if (uses.length === 0) return [text("nobody", "no run on record was given it")];
  const shown = uses.slice(-USES_SHOWN).toReversed();
  const more = uses.length - shown.length;
  return [
    ...shown.map(({ run, step, item, cited }) => {
      const where = `${run}/${step}${item === null ? "" : `[${item}]`}`;
      return text(cited ? "cited by" : "given to", where);
    }),
    ...(more > 0 ? [text("and", `${more} earlier`)] : []),
  ];
}

function changeFacts({ id, path }: StoredMemory): Fact[] {
  return [
    text("by hand", `edit ${path} and commit it on main`),
    { kind: "command", label: "or", words: ["fettle", "memory", "supersede", id, "<text>"] },
  ];
}
