/** Which memory records a step is given. */
import { activeMemory } from "#runner/core/memory-active.ts";
import { withinBudget, type RecallBudget } from "#runner/core/memory-budget.ts";
import type { RecordKind, StoredMemory, StoredRecord } from "#runner/core/memory-file.ts";
import { indexTexts } from "./term-index.ts";

export interface RecallQuery extends RecallBudget {
  /** Search words; may be empty when there is a subject. */
  readonly text: string;
  /** Projects, and `org`. */
  readonly namespaces: readonly string[];
  readonly subject?: string;
  readonly kinds?: readonly RecordKind[];
  /** Instant. */
  readonly asOf: string;
}

export interface Recalled {
  readonly id: string;
  readonly blob: string;
  /** Six decimals. */
  readonly score: number;
  readonly record: StoredRecord;
  readonly text: string;
}

export type Recall = (query: RecallQuery) => readonly Recalled[];

const SAME_SUBJECT = 10;
const NEAR_SUBJECT = 3;

/**
 * Recall by words and subject over records in memory: the same records and query give the same answer, best first.
 * Only records that are in force at `asOf` count; one that neither shares a word nor the subject is not recalled.
 */
export function lexicalRecall(records: readonly StoredMemory[]): Recall {
  return (query) => {
    const candidates = activeMemory(records, query.asOf).filter(
      ({ namespace, record }) =>
        query.namespaces.includes(namespace) && (query.kinds?.includes(record.kind) ?? true),
    );
    const words = indexTexts(candidates.map(searchable)).scores(query.text);
    const ranked = candidates
      .map(({ id, blob, record, text }, at) => {
        const score = (words[at] ?? 0) + subjectBoost(query.subject, record.subject);
        return { id, blob, record, text, score: Math.round(score * 1e6) / 1e6 };
      })
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    return withinBudget(ranked, query);
  };
}

function searchable({ record, text }: StoredMemory): string {
  const { subject, attribute = "", tags = [] } = record;
  return [subject, attribute, ...tags, text].join(" ");
}

/** `client/acme` is near `client/acme/billing`, both ways. */
function subjectBoost(wanted: string | undefined, subject: string): number {
  if (wanted === undefined || wanted === "") return 0;
  if (wanted === subject) return SAME_SUBJECT;
  const isNear = wanted.startsWith(`${subject}/`) || subject.startsWith(`${wanted}/`);
  return isNear ? NEAR_SUBJECT : 0;
}
