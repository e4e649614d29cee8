import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Cost,
  type Ask,
  type Book,
  type Allowance,
  heldOf,
  openBook,
  reserve,
  settle,
  takeBack,
  type Turn,
  type Verdict,
} from "#runner/core/money/reservation.ts";

const ask = (id: string, least: number, most: number): Ask => ({
  id,
  least: { micros: least, tokens: least },
  most: { micros: most, tokens: most },
});

/** Books one after the other; the verdicts of all. */
function play(
  grant: Allowance,
  ...moves: readonly ((book: Book) => Turn)[]
): { readonly book: Book; readonly verdicts: readonly string[] } {
  let book = openBook(grant);
  const verdicts: Verdict[] = [];
  for (const move of moves) {
    const turn = move(book);
    book = turn.book;
    verdicts.push(...turn.verdicts);
  }
  return { book, verdicts: verdicts.map(textOf) };
}

function textOf(verdict: Verdict): string {
  return verdict.kind === "granted"
    ? `${verdict.id} ${verdict.amount.micros}`
    : `${verdict.id} ${verdict.shortage}`;
}

const reserves = (id: string, least: number, most: number) => (book: Book) =>
  reserve(book, ask(id, least, most));
const settles = (id: string, micros: number) => (book: Book) =>
  settle(book, id, { micros, tokens: micros });
const takesBack = (id: string) => (book: Book) => takeBack(book, id);

test.each<[string, Allowance, readonly ((book: Book) => Turn)[], readonly string[]]>([
  ["what fits is granted", { micros: 100 }, [reserves("a", 10, 100)], ["a 100"]],
  ["what is more than the rest is cut", { micros: 50 }, [reserves("a", 10, 100)], ["a 50"]],
  [
    "what needs more than the rest is refused",
    { micros: 5 },
    [reserves("a", 10, 100)],
    ["a budget"],
  ],
  ["tokens count too", { micros: 100, tokens: 5 }, [reserves("a", 10, 100)], ["a tokens"]],
  ["requests count too", { micros: 100, requests: 0 }, [reserves("a", 1, 1)], ["a requests"]],
  [
    "who finds the money held waits, and gets what comes back",
    { micros: 100 },
    [reserves("a", 10, 90), reserves("b", 10, 90), settles("a", 20)],
    ["a 90", "b 80"],
  ],
  [
    "who waits goes before who comes later",
    { micros: 100 },
    [reserves("a", 10, 90), reserves("b", 10, 90), reserves("c", 1, 5), settles("a", 5)],
    ["a 90", "b 90", "c 5"],
  ],
  [
    "who waits is refused as soon as nothing that can come back suffices",
    { micros: 100 },
    [reserves("a", 10, 90), reserves("b", 50, 60), settles("a", 60)],
    ["a 90", "b budget"],
  ],
  [
    "what is taken back was never asked",
    { micros: 100, requests: 1 },
    [reserves("a", 10, 90), takesBack("a"), reserves("b", 10, 100)],
    ["a 90", "b 100"],
  ],
  [
    "who leaves the queue makes room behind",
    { micros: 100 },
    [reserves("a", 10, 50), reserves("b", 60, 60), takesBack("b"), reserves("c", 50, 50)],
    ["a 50", "c 50"],
  ],
  [
    "more than was reserved refuses everybody else",
    { micros: 1000 },
    [reserves("a", 10, 90), settles("a", 91), reserves("b", 1, 1)],
    ["a 90", "b overrun"],
  ],
  [
    "more tokens than were reserved only count, until the cap",
    { micros: 100, tokens: 100 },
    [
      reserves("a", 10, 50),
      (book) => settle(book, "a", { micros: 5, tokens: 80 }),
      reserves("b", 20, 20),
      settles("b", 20),
      reserves("c", 1, 1),
    ],
    ["a 50", "b 20", "c tokens"],
  ],
  [
    "nothing is settled twice",
    { micros: 100 },
    [reserves("a", 10, 90), settles("a", 50), settles("a", 50), reserves("b", 50, 50)],
    ["a 90", "b 50"],
  ],
])("%s", (_name, grant, moves, expected) => {
  expect(play(grant, ...moves).verdicts).toEqual(expected);
});

const amount = fc.nat(40);
const move = fc.oneof(
  fc.record({ kind: fc.constant("reserve" as const), least: amount, more: amount }),
  fc.record({ kind: fc.constant("settle" as const), which: fc.nat(), share: fc.nat(100) }),
  fc.record({ kind: fc.constant("takeBack" as const), which: fc.nat() }),
);
const grants = fc.record({
  micros: fc.nat(200),
  tokens: fc.oneof(fc.constant(undefined), fc.nat(200)),
  requests: fc.oneof(fc.constant(undefined), fc.nat(12)),
});

test("whatever comes, what is spent and held stays within the grant, and nobody waits for nothing", () => {
  fc.assert(
    fc.property(grants, fc.array(move, { maxLength: 60 }), ({ micros, ...caps }, moves) => {
      const { tokens, requests } = caps;
      const grant: Allowance = {
        micros,
        ...(tokens !== undefined && { tokens }),
        ...(requests !== undefined && { requests }),
      };
      const table = new Table(grant);

      for (const [index, one] of moves.entries()) {
        if (one.kind === "reserve") table.reserve(String(index), one.least, one.more);
        else table.end(one);
        expect(table.faults()).toEqual([]);
      }

      table.drain();
      expect(heldOf(table.book)).toEqual({ micros: 0, tokens: 0 });
      expect(table.book.waiting).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** A book with everybody who has asked. */
class Table {
  book: Book;
  readonly #open = new Map<string, Ask>();
  readonly #faults: string[] = [];
  #granted = 0;

  constructor(grant: Allowance) {
    this.book = openBook(grant);
  }

  reserve(id: string, least: number, more: number): void {
    const one = ask(id, least, least + more);
    this.#open.set(id, one);
    this.#take(reserve(this.book, one));
  }

  end(one: {
    readonly kind: "settle" | "takeBack";
    readonly which: number;
    readonly share?: number;
  }): void {
    const ids = [...this.#open.keys()];
    const id = ids[one.which % Math.max(ids.length, 1)];
    if (id === undefined) return;
    const held = this.book.held.get(id);
    if (one.kind === "settle" && held === undefined) return;
    this.#open.delete(id);
    if (held === undefined || one.kind === "takeBack") {
      if (held !== undefined) this.#granted -= 1;
      this.#take(takeBack(this.book, id));
    } else this.#take(settle(this.book, id, part(held, one.share ?? 100)));
  }

  /** Who has waited longest is served before all others, so the first is never one that waits. */
  drain(): void {
    for (let left = this.#open.size; left > 0; left -= 1) this.end({ kind: "settle", which: 0 });
  }

  /** What does not hold. */
  faults(): readonly string[] {
    const { grant, spent, requests, waiting, held } = this.book;
    const under = heldOf(this.book);
    const { tokens = Infinity, requests: most = Infinity } = grant;
    return [
      ...this.#faults,
      ...(spent.micros + under.micros > grant.micros ? ["more money than granted"] : []),
      ...(spent.tokens + under.tokens > tokens ? ["more tokens than granted"] : []),
      ...(requests > most ? ["more requests than granted"] : []),
      ...(requests === this.#granted ? [] : ["requests are miscounted"]),
      ...(waiting.length > 0 && held.size === 0 ? ["somebody waits for nothing"] : []),
    ];
  }

  #take({ book, verdicts }: Turn): void {
    this.book = book;
    for (const verdict of verdicts) {
      const one = this.#open.get(verdict.id);
      if (verdict.kind === "refused") {
        this.#open.delete(verdict.id);
        continue;
      }
      this.#granted += 1;
      const { micros } = verdict.amount;
      if (one === undefined || micros < one.least.micros || micros > one.most.micros) {
        this.#faults.push(`${verdict.id} got ${micros}`);
      }
    }
  }
}

function part({ micros, tokens }: Cost, percent: number): Cost {
  return {
    micros: Math.floor((micros * percent) / 100),
    tokens: Math.floor((tokens * percent) / 100),
  };
}
