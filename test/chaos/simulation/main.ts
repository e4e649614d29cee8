/** What the operator has committed to main, force-pushes included. */
import type { GateFacts, Workspace } from "#runner/core/model.ts";
import { company, type Company, type Idempotency } from "./company.ts";

type OnMain = NonNullable<GateFacts["onMain"]>;

export interface Commit {
  readonly id: string;
  readonly parent: Commit | null;
  readonly says: Company;
  readonly workspace: Workspace;
  /** Gates whose record it holds. */
  readonly merges: ReadonlyMap<string, OnMain>;
}

export class Main {
  readonly #idempotency: Idempotency;
  readonly #commits = new Map<string, Commit>();
  /** Rewrites that were accepted: the first does not stand in the line of the second, and counts as if it did. */
  readonly #accepted: (readonly [string, Commit])[] = [];
  head: Commit;

  constructor(idempotency: Idempotency, says: Company) {
    this.#idempotency = idempotency;
    this.head = this.#make({ parent: null, says, merges: new Map() });
  }

  edit(changes: Partial<Company>): void {
    const { says, merges } = this.head;
    this.head = this.#make({ parent: this.head, says: { ...says, ...changes }, merges });
  }

  merge(gate: string, onMain: Omit<OnMain, "commit">): void {
    const { says, merges } = this.head;
    const commit = this.#nextId();
    const known = new Map(merges).set(gate, { ...onMain, commit });
    this.head = this.#make({ parent: this.head, says, merges: known });
  }

  /** A force-push of what stood there before. */
  rewind(commits: number): void {
    for (let left = commits; left > 0 && this.head.parent !== null; left -= 1) {
      this.head = this.head.parent;
    }
  }

  accept(from: string, to: Commit): void {
    this.#accepted.push([from, to]);
  }

  /** Whether `later` was made, or accepted, by somebody who knew of the commit. */
  knows(later: Commit, id: string): boolean {
    const known = new Set<string>();
    const heads = [later];
    for (let at = heads.pop(); at !== undefined; at = heads.pop()) {
      for (let one: Commit | null = at; one !== null && !known.has(one.id); one = one.parent) {
        known.add(one.id);
        const ends = this.#accepted.filter(([, to]) => to === one);
        heads.push(...ends.flatMap(([from]) => this.at(from) ?? []));
      }
    }
    return known.has(id);
  }

  /** What a commit says; every commit that any runner has seen is known. */
  at(id: string): Commit | undefined {
    return this.#commits.get(id);
  }

  #make(commit: Omit<Commit, "id" | "workspace">): Commit {
    const id = this.#nextId();
    const made = { ...commit, id, workspace: company(this.#idempotency, commit.says, id) };
    this.#commits.set(id, made);
    return made;
  }

  #nextId(): string {
    return String(this.#commits.size + 1).padStart(40, "0");
  }
}

/** Whether the commit stands in the line of another one. */
export function contains(head: Commit, id: string): boolean {
  for (let at: Commit | null = head; at !== null; at = at.parent) if (at.id === id) return true;
  return false;
}
