/** What an index counts over all it holds. Scores are made from these alone, so every index gives the same ones. */
import type { Unit } from "./unit.ts";

export interface Statistics {
  readonly units: number;
  readonly records: number;
  /** Mean number of terms of a record, and of a unit; at least 1, so that it can be divided by. */
  readonly meanLengths: { readonly record: number; readonly unit: number };
  /** How many records and how many units hold a term; subjects count as terms. */
  readonly of: (term: string) => TermCount;
}

type TermCount = readonly [records: number, units: number];

/** Of one namespace, as plain data. */
export interface Counts {
  readonly units: number;
  readonly records: number;
  /** Terms of all records. */
  readonly length: number;
  readonly terms: Readonly<Record<string, TermCount>>;
}

interface Part {
  units: number;
  records: number;
  length: number;
  readonly terms: Map<string, TermCount>;
}

/** Counted by namespace: who searches in some of them gets the same scores as if there were no others. */
export class Tally {
  readonly #parts: Map<string, Part>;

  constructor(counts: Readonly<Record<string, Counts>> = {}) {
    this.#parts = new Map(
      Object.entries(counts).map(([namespace, { terms, ...sums }]) => [
        namespace,
        { ...sums, terms: new Map(Object.entries(terms)) },
      ]),
    );
  }

  add(unit: Unit): void {
    this.#count(unit, 1);
  }

  remove(unit: Unit): void {
    this.#count(unit, -1);
  }

  /** In these namespaces; everywhere, for null. */
  over(namespaces: readonly string[] | null): Statistics {
    const parts = [...this.#parts]
      .filter(([namespace]) => namespaces?.includes(namespace) ?? true)
      .map(([, part]) => part);
    const sum = (of: (part: Part) => number): number =>
      parts.reduce((all, one) => all + of(one), 0);
    const [units, records, length] = [
      sum((part) => part.units),
      sum((part) => part.records),
      sum((part) => part.length),
    ];
    const mean = (count: number): number => Math.max(length / Math.max(count, 1), 1);
    return {
      units,
      records,
      meanLengths: { record: mean(records), unit: mean(units) },
      of: (term) => [
        sum(({ terms }) => terms.get(term)?.[0] ?? 0),
        sum(({ terms }) => terms.get(term)?.[1] ?? 0),
      ],
    };
  }

  /** In an order of their own, so that equal counts are equal bytes. */
  counts(): Readonly<Record<string, Counts>> {
    const parts = [...this.#parts].filter(([, { units }]) => units > 0).toSorted(byName);
    return Object.fromEntries(
      parts.map(([namespace, { terms, ...sums }]) => [
        namespace,
        { ...sums, terms: Object.fromEntries([...terms].toSorted(byName)) },
      ]),
    );
  }

  #count(unit: Unit, by: 1 | -1): void {
    const part = this.#parts.get(unit.namespace) ?? newPart();
    this.#parts.set(unit.namespace, part);
    part.units += by;
    part.records += by * unit.members.length;
    const inUnit = new Set<string>();
    let start = 0;
    for (const { end, length } of unit.members) {
      part.length += by * length;
      const terms = new Set(split(unit.body.slice(start, end)));
      for (const term of terms) move(part, term, [by, inUnit.has(term) ? 0 : by]);
      for (const term of terms) inUnit.add(term);
      start = end;
    }
    for (const mark of split(unit.body.slice(start))) move(part, mark, [by, by]);
  }
}

function newPart(): Part {
  return { units: 0, records: 0, length: 0, terms: new Map() };
}

function move({ terms }: Part, term: string, [records, units]: TermCount): void {
  const [before, unitsBefore] = terms.get(term) ?? [0, 0];
  if (before + records === 0) terms.delete(term);
  else terms.set(term, [before + records, unitsBefore + units]);
}

function split(terms: string): readonly string[] {
  return terms.split(" ").filter((term) => term !== "");
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
