/** What an index counts over all it holds. Scores are made from these alone, so every index gives the same ones. */
import type { Unit } from "./unit.ts";

export interface Counts {
  readonly units: number;
  readonly records: number;
  /** Terms of all records. */
  readonly length: number;
  /** How many records and how many units hold a term, subjects included. */
  readonly terms: Readonly<Record<string, TermCount>>;
}

export type TermCount = readonly [records: number, units: number];

const NOWHERE: TermCount = [0, 0];

export class Statistics {
  #units = 0;
  #records = 0;
  #length = 0;
  readonly #terms: Map<string, TermCount>;

  constructor(counts?: Counts) {
    this.#terms = new Map(Object.entries(counts?.terms ?? {}));
    if (counts === undefined) return;
    this.#units = counts.units;
    this.#records = counts.records;
    this.#length = counts.length;
  }

  get units(): number {
    return this.#units;
  }

  get records(): number {
    return this.#records;
  }

  /** Mean number of terms of a record, and of a unit; at least 1, so that it can be divided by. */
  get meanLengths(): { readonly record: number; readonly unit: number } {
    const mean = (count: number): number => Math.max(this.#length / Math.max(count, 1), 1);
    return { record: mean(this.#records), unit: mean(this.#units) };
  }

  add(unit: Unit): void {
    this.#count(unit, 1);
  }

  remove(unit: Unit): void {
    this.#count(unit, -1);
  }

  of(term: string): TermCount {
    return this.#terms.get(term) ?? NOWHERE;
  }

  /** In an order of their own, so that equal counts are equal bytes. */
  counts(): Counts {
    const terms = [...this.#terms].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      units: this.#units,
      records: this.#records,
      length: this.#length,
      terms: Object.fromEntries(terms),
    };
  }

  #count(unit: Unit, by: 1 | -1): void {
    this.#units += by;
    this.#records += by * unit.members.length;
    const inUnit = new Set<string>();
    let start = 0;
    for (const { end, length } of unit.members) {
      this.#length += by * length;
      const terms = new Set(split(unit.body.slice(start, end)));
      for (const term of terms) this.#move(term, [by, inUnit.has(term) ? 0 : by]);
      for (const term of terms) inUnit.add(term);
      start = end;
    }
    for (const mark of split(unit.body.slice(start))) this.#move(mark, [by, by]);
  }

  #move(term: string, [records, units]: TermCount): void {
    const [before, unitsBefore] = this.of(term);
    const now: TermCount = [before + records, unitsBefore + units];
    if (now[1] <= 0) this.#terms.delete(term);
    else this.#terms.set(term, now);
  }
}

function split(terms: string): readonly string[] {
  return terms.split(" ").filter((term) => term !== "");
}
