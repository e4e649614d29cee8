/** How well the records of a unit answer a question. Pure: the same unit, counts and question give the same bits. */
import { DAY_MS } from "#runner/core/time/duration.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { Question } from "./question.ts";
import type { Statistics } from "./statistics.ts";
import { type Member, subjectQuery, type Unit } from "./unit.ts";
import { WEIGHTS } from "./weights.ts";

/** What a score is made of: (bm25 + neighbours + run) × coverage × boosts + subject. */
export interface Why {
  readonly bm25: number;
  readonly neighbours: number;
  readonly run: number;
  readonly coverage: number;
  readonly boosts: number;
  readonly subject: number;
  /** Added for what an embedder says; absent without one. */
  readonly meaning?: number;
}

export interface Scored {
  readonly unit: Unit;
  readonly member: Member;
  readonly score: number;
  readonly why: Why;
}

/** A term of the question, with how much it says. */
interface Term {
  /** Between spaces, as it stands in a body. */
  readonly spaced: string;
  readonly rarity: number;
  readonly unitRarity: number;
}

/** The same in a unit: how often every member has it. */
interface Hits extends Term {
  readonly counts: readonly number[];
}

export class Scorer {
  readonly #question: Question;
  readonly #terms: readonly Term[];
  readonly #marks: readonly string[];
  readonly #means: Statistics["meanLengths"];

  constructor(question: Question, statistics: Statistics) {
    this.#question = question;
    this.#means = statistics.meanLengths;
    this.#marks = subjectQuery(question.subject ?? "").map((mark) => ` ${mark} `);
    this.#terms = question.terms.map((term) => {
      const [records, units] = statistics.of(term);
      return {
        spaced: ` ${term} `,
        rarity: rarity(records, statistics.records),
        unitRarity: rarity(units, statistics.units),
      };
    });
  }

  /** How much a unit as a whole has to do with the question; takes a small part of the time of a score. */
  rough({ body, length }: Unit): number {
    const ofRun = bm25(
      this.#terms,
      ({ unitRarity, spaced }) => [unitRarity, occurrences(body, spaced)],
      length / this.#means.unit,
    );
    return ofRun + (this.#marks.some((mark) => body.includes(mark)) ? WEIGHTS.nearSubject : 0);
  }

  /** Every record of the unit that has to do with the question, by its words or by its likeness. */
  score(unit: Unit, likeness: readonly number[] = []): readonly Scored[] {
    const { members } = unit;
    const question = this.#question;
    const hits = this.#terms.map((term) => ({ ...term, counts: countsIn(unit, term.spaced) }));
    const own = members.map(({ length }, at) =>
      bm25(hits, (hit) => [hit.rarity, hit.counts[at] ?? 0], length / this.#means.record),
    );
    const run =
      WEIGHTS.run *
      bm25(hits, (hit) => [hit.unitRarity, total(hit.counts)], unit.length / this.#means.unit);
    return members.flatMap((member, at) => {
      const words = own[at] ?? 0;
      const neighbours = fromNeighbours(members, own, at);
      const subject = nearness(member.subject, question.subject);
      if (words + neighbours + subject + (likeness[at] ?? 0) === 0) return [];
      const coverage = 1 + WEIGHTS.coverage * covered(hits, at);
      const boosts = boostOf(member, question, this.#means.record);
      const score = (words + neighbours + run) * coverage * boosts + subject;
      const why = { bm25: words, neighbours, run, coverage, boosts, subject };
      return [{ unit, member, score, why }];
    });
  }
}

function countsIn({ body, members }: Unit, spaced: string): readonly number[] {
  const counts = members.map(() => 0);
  let member = 0;
  for (let at = body.indexOf(spaced); at >= 0; at = body.indexOf(spaced, at + spaced.length - 1)) {
    while (at + 1 >= (members[member]?.end ?? Infinity)) member += 1;
    if (member >= members.length) break;
    counts[member] = (counts[member] ?? 0) + 1;
  }
  return counts;
}

function occurrences(body: string, spaced: string): number {
  let count = 0;
  for (let at = body.indexOf(spaced); at >= 0; at = body.indexOf(spaced, at + spaced.length - 1))
    count += 1;
  return count;
}

function rarity(holding: number, all: number): number {
  return Math.log(1 + (all - holding + 0.5) / (holding + 0.5));
}

/** LanceDB's own scores would do, but its constants are not told and move until an index is optimised. */
function bm25<Any extends Term>(
  hits: readonly Any[],
  of: (hit: Any) => readonly [rarity: number, count: number],
  relativeLength: number,
): number {
  const { saturation, lengthShare } = WEIGHTS;
  const damping = saturation * (1 - lengthShare + lengthShare * relativeLength);
  return total(
    hits.map((hit) => {
      const [weight, count] = of(hit);
      return (weight * count * (saturation + 1)) / (count + damping);
    }),
  );
}

/** What stands around a record in its run says what it is about; after a question, what was asked. */
function fromNeighbours(members: readonly Member[], own: readonly number[], at: number): number {
  const { width, decay, next, previous, question } = WEIGHTS;
  let sum = 0;
  for (let away = 1; away <= width; away += 1) {
    const fades = decay ** (away - 1);
    const before = away === 1 && members[at - 1]?.asks === true ? question : previous;
    sum += before * fades * (own[at - away] ?? 0) + next * fades * (own[at + away] ?? 0);
  }
  return sum;
}

/** Share of what is asked, by rarity, that is said here (1), just before, or near. */
function covered(hits: readonly Hits[], at: number): number {
  const all = total(hits.map((hit) => hit.rarity));
  if (all === 0) return 0;
  const said = hits.map(({ rarity: weight, counts }) => weight * nearest(counts, at));
  return total(said) / all;
}

function nearest(counts: readonly number[], at: number): number {
  if ((counts[at] ?? 0) > 0) return 1;
  if ((counts[at - 1] ?? 0) > 0) return WEIGHTS.coveredBefore;
  const around = counts.slice(Math.max(at - WEIGHTS.nearBefore, 0), at + WEIGHTS.nearAfter + 1);
  return around.some((count) => count > 0) ? WEIGHTS.coveredNear : 0;
}

function boostOf(member: Member, question: Question, meanLength: number): number {
  const { actor, when, pinned, length } = WEIGHTS;
  const isNamed = member.actor !== null && question.words.has(member.actor.toLowerCase());
  return (
    (1 + length * Math.log(Math.max(member.length, 1) / meanLength)) *
    (isNamed ? actor : 1) *
    (question.asksWhen && member.dated ? when : 1) *
    (member.pinned ? pinned : 1) *
    member.confidence *
    freshness(member, question.asOf)
  );
}

/** What was noted of a day, and rules of thumb, count less with time; facts and decisions hold until they are replaced. */
function freshness({ kind, recordedAt, pinned }: Member, asOf: string): number {
  const fades = kind === "episode" || kind === "heuristic";
  if (!fades || recordedAt === null || pinned) return 1;
  const days = Math.max(msBetween(recordedAt, asOf), 0) / DAY_MS;
  return 1 - WEIGHTS.fading + WEIGHTS.fading * 0.5 ** (days / WEIGHTS.halfLifeDays);
}

/** `client/acme` is near `client/acme/billing`, both ways. */
function nearness(subject: string, wanted: string | null): number {
  if (wanted === null) return 0;
  if (wanted === subject) return WEIGHTS.sameSubject;
  const isNear = wanted.startsWith(`${subject}/`) || subject.startsWith(`${wanted}/`);
  return isNear ? WEIGHTS.nearSubject : 0;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
