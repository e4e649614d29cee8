/** The records of one file as they are searched: an episode's file is a run, any other file holds one record. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { termsOf } from "./analyzer.ts";

export interface Unit {
  readonly path: string;
  readonly namespace: string;
  /** The terms of all members between single spaces, then subjects as `@subject` and what they lie below as `>subject`. */
  readonly body: string;
  /** Terms of all members. */
  readonly length: number;
  readonly members: readonly Member[];
}

/** A record without its words. */
export interface Member {
  readonly id: string;
  readonly kind: StoredMemory["record"]["kind"];
  readonly subject: string;
  readonly attribute: string | null;
  /** Who noted it: the agent, or the step. */
  readonly actor: string | null;
  /** Instant. */
  readonly recordedAt: string | null;
  readonly confidence: number;
  readonly pinned: boolean;
  /** Terms. */
  readonly length: number;
  /** Where its terms end in the body. */
  readonly end: number;
  /** The text ends in a question, which the next record may answer. */
  readonly asks: boolean;
  /** The text names a time. */
  readonly dated: boolean;
}

const TIME =
  /\b(?:\d{1,2}(?:st|nd|rd|th)|\d{1,2}[.:]\d{2}|\d{4}-\d{2}(?:-\d{2})?|20\d{2}|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|jan(?:uary)?|feb(?:ruary)?|march|april|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:in|since|until|by|from|of|\d{1,2}) may|may \d{1,2}|januar|februar|märz|mai|juni|juli|oktober|dezember|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?)\b/iu;

/** `ofFile`: the records of one file, in any order. */
export function unitOf(ofFile: readonly StoredMemory[]): Unit | null {
  const records = inOrder(ofFile);
  const [first] = records;
  if (first === undefined) return null;
  let body = " ";
  const members = records.map((memory): Member => {
    const terms = termsOf(wordsIn(memory));
    if (terms.length > 0) body += `${terms.join(" ")} `;
    return { ...memberOf(memory), length: terms.length, end: body.length };
  });
  const subjects = new Set(records.flatMap(({ record }) => subjectMarks(record.subject)));
  if (subjects.size > 0) body += `${[...subjects].join(" ")} `;
  const { path, namespace } = first;
  const length = members.reduce((sum, member) => sum + member.length, 0);
  return { path, namespace, body, length, members };
}

/** As the members of a unit stand. */
export function inOrder(ofFile: readonly StoredMemory[]): readonly StoredMemory[] {
  return ofFile.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}

/** Everything in a record that a question may share words with. */
export function wordsIn({ record, text }: StoredMemory): string {
  const { subject, attribute = "", tags = [] } = record;
  return [subject, attribute, ...tags, text].join(" ");
}

function memberOf({ id, record, text }: StoredMemory): Omit<Member, "length" | "end"> {
  const { kind, subject, attribute, source, recordedAt, confidence, pinned } = record;
  return {
    id,
    kind,
    subject,
    attribute: attribute ?? null,
    actor: source?.agent?.split("@")[0] ?? source?.step ?? null,
    recordedAt: recordedAt ?? null,
    confidence: confidence ?? 1,
    pinned: pinned === true,
    asks: /\?["'”’)]*\s*$/u.test(text),
    dated: TIME.test(text),
  };
}

/** What finds the records about a subject, about what lies below it, and about what it lies below. */
export function subjectQuery(subject: string): readonly string[] {
  const levels = levelsOf(subject);
  const own = levels.at(-1);
  return own === undefined ? [] : [...levels.map((level) => `@${level}`), `>${own}`];
}

function subjectMarks(subject: string): readonly string[] {
  const levels = levelsOf(subject);
  return levels.map((level, at) => (at === levels.length - 1 ? `@${level}` : `>${level}`));
}

/** `client/acme` → `client`, `client/acme`; white space would end a term. */
function levelsOf(subject: string): readonly string[] {
  const parts = subject.replaceAll(/\s/gu, "_").split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/")).filter((level) => level !== "");
}
