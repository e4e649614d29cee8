/** What this process has made since it last offered anything to the origin: nobody else can have heard of it. */
import type { RefUpdate } from "./ref-transaction.ts";

/** Commits of one ref, oldest first, and what they stand on. */
export interface Made {
  readonly base: string | null;
  readonly commits: readonly string[];
}

const NOTHING: Made = { base: null, commits: [] };

export class Unoffered {
  readonly #made = new Map<string, Made>();

  of(ref: string): Made {
    return this.#made.get(ref) ?? NOTHING;
  }

  /** Refs with more than one. */
  get several(): readonly (Made & { readonly ref: string; readonly last: string })[] {
    return [...this.#made].flatMap(([ref, made]) => {
      const last = made.commits.at(-1);
      return last === undefined || made.commits.length === 1 ? [] : [{ ...made, ref, last }];
    });
  }

  add({ ref, from, to }: RefUpdate): void {
    if (to === null) return;
    const { base, commits } = this.#made.get(ref) ?? { base: from, commits: [] };
    this.#made.set(ref, { base, commits: [...commits, to] });
  }

  replace(ref: string, made: Made): void {
    this.#made.set(ref, made);
  }

  forget(): void {
    this.#made.clear();
  }
}
