/** Where the refs of a clone stood when they were last read or moved: the branches, and this runner's pending refs beside them. */
import { pendingRef, publishedRef, STATE } from "#runner/core/ref-names.ts";
import type { RefUpdate } from "./ref-transaction.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

export interface PendingTip {
  readonly name: string;
  /** The branch that it is to become. */
  readonly ref: string;
  readonly commit: string;
}

export class Tips {
  readonly #runner: string;
  readonly #refs: Map<string, string>;

  constructor(repository: Repository) {
    this.#runner = repository.runner;
    this.#refs = new Map(readRefs(repository));
  }

  onBranch(ref: string): string | null {
    return this.#refs.get(ref) ?? null;
  }

  /** Pending or not. */
  newest(ref: string): string | null {
    return this.#refs.get(pendingRef(this.#runner, ref)) ?? this.onBranch(ref);
  }

  pending(): readonly PendingTip[] {
    return [...this.#refs].flatMap(([name, commit]) => {
      const ref = publishedRef(this.#runner, name);
      return ref === undefined ? [] : [{ name, ref, commit }];
    });
  }

  drops(): readonly RefUpdate[] {
    return this.pending().map(({ name, commit }) => ({ ref: name, from: commit, to: null }));
  }

  /** New commits go into pending refs. */
  aside(written: readonly RefUpdate[]): readonly RefUpdate[] {
    return written.map(({ ref, to }) => {
      const name = pendingRef(this.#runner, ref);
      return { ref: name, from: this.onBranch(name), to };
    });
  }

  /** New commits go on the branches, with all that is pending; the state after what it cites, and before what it says is gone. */
  onBranches(written: readonly RefUpdate[], also: readonly RefUpdate[]): readonly RefUpdate[] {
    const newest = new Map<string, string | null>([
      ...this.pending().map(({ ref, commit }) => [ref, commit] as const),
      ...written.map(({ ref, to }) => [ref, to] as const),
    ]);
    const branches = [...newest].map(([ref, to]) => ({ ref, from: this.onBranch(ref), to }));
    return [
      ...branches.filter(({ ref }) => ref !== STATE),
      ...also.filter(({ isTaking }) => isTaking !== true),
      ...branches.filter(({ ref }) => ref === STATE),
      ...also.filter(({ isTaking }) => isTaking === true),
      ...this.drops(),
    ];
  }

  follow(moves: readonly RefUpdate[]): void {
    for (const { ref, to } of moves) {
      if (to === null) this.#refs.delete(ref);
      else this.#refs.set(ref, to);
    }
  }
}

/** Refs are renamed in this order: after a crash the state never cites what is absent. */
export function stateLast<Named extends Pick<RefUpdate, "ref">>(moves: readonly Named[]): Named[] {
  return moves.toSorted((a, b) => Number(isState(a)) - Number(isState(b)));
}

/** The branch or its pending ref. */
function isState({ ref }: Pick<RefUpdate, "ref">): boolean {
  return ref === STATE || ref.endsWith(STATE.slice("refs/heads".length));
}
