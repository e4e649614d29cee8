/** Which proposals of an agent become memory records; the rest is refused with a reason. */
import type { Agent, MemoryRecord } from "#runner/schema/types.gen.ts";
import { shortDigest } from "./identifier.ts";
import { renderMemoryFile, type StoredMemory } from "./memory-file.ts";
import { memoryPath } from "./memory-path.ts";
import { type MemoryProposal, readProposal } from "./memory-proposal.ts";
import { memoryDigest, overlapWith, wordsOf } from "./memory-text.ts";
import { type KnownSecrets, redactStart, scanSecrets } from "./secret-scan.ts";

export interface AdmissionRules {
  /** Of the agent. */
  readonly writes: NonNullable<Agent["memory"]>["writes"];
  readonly namespace: string;
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  /** `agent@version`. */
  readonly agent: string;
  /** Instant of the run. */
  readonly asOf: string;
  /** `external` when text from outside took part. */
  readonly trust: "internal" | "external";
  /** Live records of the namespace. */
  readonly existing: readonly Pick<StoredMemory, "id" | "record" | "text">[];
  /** Texts of the records that this step was given. */
  readonly injected: readonly string[];
  readonly knownSecrets: KnownSecrets;
}

export interface AdmittedMemory {
  readonly record: MemoryRecord & { readonly id: string };
  readonly text: string;
  readonly path: string;
  /** Content of the file at `path`. */
  readonly file: string;
  /** Digest of the normalised text. */
  readonly digest: string;
}

interface RefusedMemory {
  readonly reason: string;
  readonly subject: string;
}

export interface Admission {
  readonly admitted: readonly AdmittedMemory[];
  readonly refused: readonly RefusedMemory[];
}

const MOST_PER_STEP = 20;
const LONGEST_REASON = 300;
const LOOP_OVERLAP = 0.8;

/** Admits what is well-formed, allowed, new and free of secrets; the same proposals give the same ids and paths. */
export function admitMemory(proposals: readonly unknown[], rules: AdmissionRules): Admission {
  const admitted: AdmittedMemory[] = [];
  const refused: RefusedMemory[] = [];
  const seen = new Set(rules.existing.map(({ text }) => memoryDigest(text)));
  for (const [ordinal, value] of proposals.entries()) {
    const proposal = readProposal(value);
    const reason =
      typeof proposal === "string"
        ? proposal
        : refusal(proposal, rules, { seen, count: admitted.length });
    if (typeof proposal === "string" || reason !== undefined) {
      const known = rules.knownSecrets;
      refused.push({
        reason: redactStart(reason ?? "", known, LONGEST_REASON),
        subject: subjectOf(value, known),
      });
      continue;
    }
    const entry = admittedMemory(proposal, rules, ordinal);
    seen.add(entry.digest);
    admitted.push(entry);
  }
  return { admitted, refused };
}

interface Progress {
  readonly seen: ReadonlySet<string>;
  readonly count: number;
}

function refusal(
  proposal: MemoryProposal,
  rules: AdmissionRules,
  progress: Progress,
): string | undefined {
  const { kind, text } = proposal;
  if (!(rules.writes ?? []).includes(kind))
    return `the agent may not write records of the kind ${kind}`;
  if (progress.count >= MOST_PER_STEP) return `more than ${MOST_PER_STEP} records in one step`;
  const secret = scanSecrets(JSON.stringify(Object.values(proposal)), rules.knownSecrets)[0];
  if (secret !== undefined) return `it holds a secret (${secret.rule})`;
  if (progress.seen.has(memoryDigest(text))) return "the same text is remembered already";
  if (rules.injected.some((known) => repeats(text, known))) {
    return "it repeats a record that the step was given";
  }
  return undefined;
}

/** An agent that is told something and tells it back learnt nothing; a new number (a date, an amount) is news. */
function repeats(text: string, known: string): boolean {
  const knownWords = new Set(wordsOf(known));
  const hasNews = wordsOf(text).some((word) => /\p{N}/u.test(word) && !knownWords.has(word));
  return !hasNews && overlapWith(text, known) >= LOOP_OVERLAP;
}

function admittedMemory(
  proposal: MemoryProposal,
  rules: AdmissionRules,
  ordinal: number,
): AdmittedMemory {
  const { namespace, run, step, item, agent, asOf, trust } = rules;
  const { text: given, ...said } = proposal;
  const id = `mem_${shortDigest([namespace, proposal.kind, run, step, item, ordinal], 16)}`;
  const replaced = supersededBy(proposal, rules);
  const record = {
    id,
    ...said,
    source: { run, step, agent },
    trust,
    recordedAt: asOf,
    ...(replaced.length > 0 && { supersedes: replaced }),
  };
  const text = given.trim();
  const path = memoryPath({ namespace, ...said, at: asOf, id });
  return { record, text, path, file: renderMemoryFile(record, text), digest: memoryDigest(text) };
}

/** With an attribute a record is the one answer to a question, so it replaces an agent's earlier answer; never one of more trust. */
function supersededBy(
  { kind, subject, attribute }: MemoryProposal,
  rules: AdmissionRules,
): string[] {
  if (attribute === undefined) return [];
  const replaced = rules.existing.filter(
    ({ record }) =>
      record.kind === kind &&
      record.subject === subject &&
      record.attribute === attribute &&
      replaces(rules.trust, record.trust) &&
      record.pinned !== true,
  );
  return replaced.map(({ id }) => id).toSorted();
}

function replaces(trust: AdmissionRules["trust"], earlier: MemoryRecord["trust"]): boolean {
  return earlier === "external" || (earlier === "internal" && trust === "internal");
}

/** What a refused proposal was about, as far as it can be said; the text comes from outside. */
function subjectOf(value: unknown, known: KnownSecrets): string {
  if (typeof value !== "object" || value === null || !("subject" in value)) return "unknown";
  const subject = typeof value.subject === "string" ? value.subject : "unknown";
  return scanSecrets(subject, known).length > 0 ? "unknown" : subject.slice(0, 120);
}
