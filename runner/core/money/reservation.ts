/** What one attempt may spend, what it has spent, and who waits for it: every request reserves its worst case first. */

/** Hard: spent and held together stay within it. */
export interface Allowance {
  readonly micros: number;
  readonly requests?: number;
  readonly tokens?: number;
}

export interface Cost {
  readonly micros: number;
  readonly tokens: number;
}

/** One request: it cannot do with less than `least` and never takes more than `most`. */
export interface Ask {
  readonly id: string;
  readonly least: Cost;
  readonly most: Cost;
}

export interface Book {
  readonly grant: Allowance;
  readonly spent: Cost;
  /** Requests that were let through and not taken back. */
  readonly requests: number;
  readonly held: ReadonlyMap<string, Cost>;
  /** First come, first served. */
  readonly waiting: readonly Ask[];
  /** A request has cost more money than was reserved for it: nothing is let through any more. */
  readonly isOverrun: boolean;
}

export type Shortage = "budget" | "tokens" | "requests" | "overrun";

export type Verdict =
  | { readonly kind: "granted"; readonly id: string; readonly amount: Cost }
  | { readonly kind: "refused"; readonly id: string; readonly shortage: Shortage };

/** The book afterwards, and what that decides about requests. Who is not named waits. */
export interface Turn {
  readonly book: Book;
  readonly verdicts: readonly Verdict[];
}

export function openBook(grant: Allowance): Book {
  return {
    grant,
    spent: { micros: 0, tokens: 0 },
    requests: 0,
    held: new Map(),
    waiting: [],
    isOverrun: false,
  };
}

/** Grants, refuses, or puts at the end of the queue while others may give something back. */
export function reserve(book: Book, ask: Ask): Turn {
  return serve({ ...book, waiting: [...book.waiting, ask] });
}

/** Books in full what a request has cost, and gives back what it held. */
export function settle(book: Book, id: string, cost: Cost): Turn {
  const reserved = book.held.get(id);
  if (reserved === undefined) return { book, verdicts: [] };
  return serve({
    ...book,
    spent: { micros: book.spent.micros + cost.micros, tokens: book.spent.tokens + cost.tokens },
    held: without(book.held, id),
    isOverrun: book.isOverrun || cost.micros > reserved.micros,
  });
}

/** Takes back a request that was not sent, waiting or granted. */
export function takeBack(book: Book, id: string): Turn {
  return serve({
    ...book,
    requests: book.requests - (book.held.has(id) ? 1 : 0),
    held: without(book.held, id),
    waiting: book.waiting.filter((ask) => ask.id !== id),
  });
}

/** Sum of what requests under way hold. */
export function heldOf({ held }: Book): Cost {
  let micros = 0;
  let tokens = 0;
  for (const amount of held.values()) {
    micros += amount.micros;
    tokens += amount.tokens;
  }
  return { micros, tokens };
}

function serve(book: Book): Turn {
  const verdicts: Verdict[] = [];
  let now = book;
  for (const ask of book.waiting) {
    const verdict = verdictOn(now, ask);
    if (verdict === undefined) break;
    verdicts.push(verdict);
    now = applied(now, verdict);
  }
  return { book: now, verdicts };
}

function applied(book: Book, verdict: Verdict): Book {
  const waiting = book.waiting.slice(1);
  if (verdict.kind === "refused") return { ...book, waiting };
  const held = new Map(book.held).set(verdict.id, verdict.amount);
  return { ...book, waiting, held, requests: book.requests + 1 };
}

function verdictOn(book: Book, { id, least, most }: Ask): Verdict | undefined {
  const shortage = shortageFor(book, least);
  if (shortage !== undefined) return { kind: "refused", id, shortage };
  const left = leftOf(book);
  const held = heldOf(book);
  const free = { micros: left.micros - held.micros, tokens: left.tokens - held.tokens };
  if (fits(most, free)) return { kind: "granted", id, amount: most };
  if (book.held.size > 0) return undefined;
  return { kind: "granted", id, amount: smaller(most, free) };
}

/** Why the request could not be served even if everything under way came back. */
function shortageFor(book: Book, least: Cost): Shortage | undefined {
  const left = leftOf(book);
  if (book.isOverrun) return "overrun";
  if (book.requests >= (book.grant.requests ?? Infinity)) return "requests";
  if (least.micros > left.micros) return "budget";
  return least.tokens > left.tokens ? "tokens" : undefined;
}

function leftOf({ grant, spent }: Book): Cost {
  return {
    micros: grant.micros - spent.micros,
    tokens: (grant.tokens ?? Infinity) - spent.tokens,
  };
}

function fits(amount: Cost, free: Cost): boolean {
  return amount.micros <= free.micros && amount.tokens <= free.tokens;
}

function smaller(one: Cost, other: Cost): Cost {
  return {
    micros: Math.min(one.micros, other.micros),
    tokens: Math.min(one.tokens, other.tokens),
  };
}

function without(held: Book["held"], id: string): Book["held"] {
  const rest = new Map(held);
  rest.delete(id);
  return rest;
}
