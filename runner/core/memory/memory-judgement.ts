/** What a well-formed proposal means beside what is known: news, a repetition, or something for an operator. */
import type { MemoryRecord } from "#runner/schema/types.gen.ts";
import type { StoredMemory } from "./memory-file.ts";
import type { MemoryProposal } from "./memory-proposal.ts";
import { standingsOf } from "./memory-standing.ts";
import { type Forgotten, whyForgotten } from "./memory-tombstone.ts";
import { memoryDigest, overlapWith, saysTheSame, wordsOf } from "./memory-text.ts";

export type KnownMemory = Pick<StoredMemory, "id" | "record" | "text"> & {
  /** It waits for an operator. */
  readonly isProposed?: boolean;
};

/** A record that waits for an operator. */
export interface MemoryAsk {
  /** Of what it says: an operator refuses this, whoever proposes it. */
  readonly digest: string;
  readonly why: string;
}

export interface Rules {
  /** Instant of the run. */
  readonly asOf: string;
  readonly trust: "internal" | "external";
  /** Records of the namespace, those that wait for an operator too. */
  readonly existing: readonly KnownMemory[];
  /** Records that this step was given. */
  readonly injected: readonly { readonly id: string; readonly text: string }[];
  /** What the run has been admitted before. */
  readonly taken: { readonly records: number; readonly bytes: number };
  /** Digests of what operators refused. */
  readonly unwanted: ReadonlySet<string>;
  readonly forgotten: Forgotten;
}

/** `confirms`: a record that the step was given and told back. */
export type Judged =
  | {
      readonly kind: "admitted";
      readonly supersedes: readonly string[];
      readonly ask: MemoryAsk | null;
    }
  | { readonly kind: "refused"; readonly reason: string; readonly confirms?: string };

const MOST_PER_RUN = 20;
const LARGEST_RUN_BYTES = 64 * 1024;
const LOOP_OVERLAP = 0.8;

type Own = KnownMemory["record"] & { readonly id: string };

/** `admitted`: earlier proposals of the same attempt. */
export function judge(
  proposal: MemoryProposal,
  rules: Rules,
  admitted: readonly { readonly record: Own; readonly text: string }[],
): Judged {
  const { text } = proposal;
  const overBudget = whyTooMuch(proposal, rules, admitted);
  if (overBudget !== undefined) return { kind: "refused", reason: overBudget };
  const forgotten = whyForgotten(rules.forgotten, proposal);
  if (forgotten !== undefined) return { kind: "refused", reason: forgotten };
  const digest = memoryDigest(text);
  if (rules.unwanted.has(digest)) {
    return { kind: "refused", reason: "an operator did not want it remembered" };
  }
  const echoed = rules.injected.find((told) => repeats(text, told.text));
  if (echoed !== undefined) {
    const reason = "it repeats a record that the step was given";
    return { kind: "refused", reason, confirms: echoed.id };
  }
  const inAttempt = admitted.map((one) => ({ id: one.record.id, ...one }));
  const repeated = whyRepeated(proposal, [...known(rules), ...inAttempt]);
  if (repeated !== undefined) return { kind: "refused", reason: repeated };
  if (inAttempt.some(({ record }) => isSameQuestion(record, proposal))) {
    return { kind: "refused", reason: "another proposal of the same attempt answers that" };
  }
  return news(proposal, rules, digest);
}

/** Why the run may not leave that much; undefined when it may. */
export function whyTooMuch(
  { text }: Pick<MemoryProposal, "text">,
  { taken }: Pick<Rules, "taken">,
  admitted: readonly { readonly text: string }[],
): string | undefined {
  if (taken.records + admitted.length >= MOST_PER_RUN) {
    return `the run has its ${MOST_PER_RUN} records already`;
  }
  const bytes = [...admitted, { text }].reduce((sum, one) => sum + bytesOf(one.text), taken.bytes);
  return bytes > LARGEST_RUN_BYTES ? "the texts of the run would be more than 64 KB" : undefined;
}

/** Size of a text in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

export interface Known extends KnownMemory {
  /** A person said that it is wrong. */
  readonly isRetracted?: boolean;
}

/** What holds, and what was retracted: what was superseded or is over may come true again. */
export function known({ existing, asOf }: Pick<Rules, "existing" | "asOf">): readonly Known[] {
  const standings = standingsOf(existing, asOf);
  return existing.flatMap((memory, at) => {
    const kind = standings[at]?.kind;
    if (kind === "retracted") return [{ ...memory, isRetracted: true }];
    return kind === "active" || kind === "upcoming" ? [memory] : [];
  });
}

/** Why it is no news beside the others; undefined when it is. */
export function whyRepeated(
  { subject, text }: Pick<MemoryProposal, "subject" | "text">,
  others: readonly Known[],
): string | undefined {
  const digest = memoryDigest(text);
  const same = others.find((other) => memoryDigest(other.text) === digest);
  const near =
    same ??
    others.find((other) => other.record.subject === subject && saysTheSame(text, other.text));
  if (near === undefined) return undefined;
  if (near.isRetracted === true) return `${near.id} said that and was retracted`;
  if (near.isProposed === true) return `${near.id} says that and waits for an operator`;
  return same === undefined
    ? `it says nearly what ${near.id} says`
    : "the same text is remembered already";
}

/** An agent that is told something and tells it back learnt nothing; a new number (a date, an amount) is news. */
function repeats(text: string, other: string): boolean {
  const knownWords = new Set(wordsOf(other));
  const hasNews = wordsOf(text).some((word) => /\p{N}/u.test(word) && !knownWords.has(word));
  return !hasNews && overlapWith(text, other) >= LOOP_OVERLAP;
}

/** With an attribute a record is the one answer to a question, so it replaces the answer before; what a person said or pinned, only with a person's word. */
function news(proposal: MemoryProposal, rules: Rules, digest: string): Judged {
  const rivals = known(rules).filter(
    ({ record, isRetracted, isProposed }) =>
      isRetracted !== true && isProposed !== true && isSameQuestion(record, proposal),
  );
  const whys = [
    ...(proposal.kind === "decision" || proposal.kind === "template"
      ? [`it is a ${proposal.kind}`]
      : []),
    ...(rules.trust === "external" ? ["text from outside took part"] : []),
    ...rivals.flatMap((rival) => whyGuarded(rival) ?? []),
  ];
  return {
    kind: "admitted",
    supersedes: rivals.map(({ id }) => id).toSorted(),
    ask: whys.length === 0 ? null : { digest, why: whys.join("; ") },
  };
}

export function isSameQuestion(
  record: KnownMemory["record"],
  proposal: Pick<MemoryProposal, "subject" | "attribute">,
): boolean {
  return (
    proposal.attribute !== undefined &&
    record.subject === proposal.subject &&
    record.attribute === proposal.attribute
  );
}

function whyGuarded({ id, record }: KnownMemory): string | undefined {
  if (record.pinned === true) return `it replaces ${id}, which is pinned`;
  return isByHand(record) ? `it replaces ${id}, which an operator wrote` : undefined;
}

function isByHand({ trust }: Pick<MemoryRecord, "trust">): boolean {
  return trust !== "internal" && trust !== "external";
}
