import type { CommitTarget, FileChange, Signature } from "./commit-target.ts";
import { CommitWriter } from "./commit-writer.ts";
import type { TreeEntry } from "./git-object.ts";
import { ObjectReader } from "./object-reader.ts";
import { PromisedObjects } from "./promised-objects.ts";
import { STATE, fetchedRef, payloadRef, pendingRef } from "#runner/core/ref-names.ts";
import type { RefOutcome, RefUpdate } from "./ref-transaction.ts";
import { joinedMoves, RefTransactions } from "./ref-transaction.ts";
import { readRefs, type Refs } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { Serial } from "./serial.ts";
import { fileChange, messageOf, retold, sameBlob, type StateChange } from "./state-change.ts";
import { stateLast, Tips } from "./tips.ts";
import { type ChangedFile, diffTrees } from "./tree-diff.ts";
import { type Made, Unoffered } from "./unoffered.ts";

/** `raced`: a ref was not where this store saw it last, and nothing moved. */
export type StateOutcome =
  | { readonly kind: "committed"; readonly commit: string }
  | Exclude<RefOutcome, { readonly kind: "ok" } | { readonly kind: "moved" }>
  | { readonly kind: "raced"; readonly ref: string; readonly actual: string | null | undefined };

export interface StateStoreOptions {
  readonly repository: Repository;
  readonly author: { readonly name: string; readonly email: string };
}

const LARGEST_OVERLAY = 4096;

/**
 * The state branch as a store of JSON files at its tip.
 *
 * With an origin a commit moves this runner's pending refs, and the branches follow by `settle` once the origin has accepted
 * `unpublished`. Without one it moves the branches themselves, except for what is held back in pending refs.
 */
export class StateStore {
  readonly reader: ObjectReader;
  readonly transactions: RefTransactions;
  readonly #repository: Repository;
  readonly #runner: string;
  readonly #author: StateStoreOptions["author"];
  readonly #writer: CommitWriter;
  #tips: Tips;
  readonly #serial = new Serial();
  #also: readonly RefUpdate[] = [];
  readonly #unoffered = new Unoffered();
  /** Texts written by this process at the current tip: read again without asking git. */
  readonly #overlay = new Map<string, string | null>();

  constructor({ repository, author }: StateStoreOptions) {
    this.#repository = repository;
    this.#runner = repository.runner;
    this.#author = author;
    const promised = new PromisedObjects(repository);
    this.reader = new ObjectReader(repository.own, (oid) => promised.bring(oid));
    this.transactions = new RefTransactions(repository.own);
    const { own: place, objectFormat: format } = repository;
    this.#writer = new CommitWriter({ place, reader: this.reader, format });
    this.#tips = new Tips(repository);
  }

  /** The newest state commit, pending ones included; `null` before the first. */
  get tip(): string | null {
    return this.#tips.newest(STATE);
  }

  /** The newest state commit that counts: with an origin the one that it has accepted. */
  get publishedTip(): string | null {
    return this.#tips.onBranch(STATE);
  }

  async readText(path: string): Promise<string | undefined> {
    const written = this.#overlay.get(path);
    if (written !== undefined) return written ?? undefined;
    if (this.tip === null) return undefined;
    return (await this.reader.readBlob(`${this.tip}:${path}`))?.toString("utf8");
  }

  /** The parsed file, not yet validated; throws when it is not JSON. */
  async readJson(path: string): Promise<unknown> {
    const text = await this.readText(path);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The entries of a folder; none when it does not exist. */
  async list(folder: string): Promise<readonly TreeEntry[]> {
    if (this.tip === null) return [];
    return (await this.reader.readTree(`${this.tip}:${folder}`)) ?? [];
  }

  /** Writes one state commit with its payload and moves the refs together, or none of them. */
  commit(change: StateChange): Promise<StateOutcome> {
    return this.#serial.run(() => this.#commit(change, this.#usesPending));
  }

  /** The same, and the branches do not show it before the next `commit`, or before it is published. */
  holdBack(change: StateChange): Promise<StateOutcome> {
    return this.#serial.run(() => this.#commit(change, true));
  }

  /** Without an origin: something is durable that the branches do not show. */
  get holdsBack(): boolean {
    return !this.#usesPending && this.#tips.pending().length > 0;
  }

  /** Writes a commit that no ref holds yet, such as the next one of main, and returns its id. */
  async buildCommit(target: Omit<CommitTarget, "author" | "committer"> & Signed): Promise<string> {
    // The committer is whose change it counts as: see drift.ts.
    const author = target.author ?? this.#signature(target.at);
    const full = { ...target, author, committer: author };
    const [commit = ""] = await this.#writer.write([full]);
    return commit;
  }

  /** What must be accepted together before the pending commits count as published. */
  unpublished(): readonly RefUpdate[] {
    const pending = this.#tips.pending().map(({ ref, commit }): RefUpdate => {
      return { ref, from: this.#tips.onBranch(ref), to: commit };
    });
    return stateLast([...pending, ...this.#also]);
  }

  /** Pending commits of the state that this process has made since it last offered any. */
  get unoffered(): Made {
    return this.#unoffered.of(STATE);
  }

  /** From here on others may know of what is pending: it stays as it is. */
  offer(): void {
    this.#unoffered.forget();
  }

  /**
   * Puts one commit in the place of those that were never offered, of the state as of its payload: what they hold in the end,
   * told by the event file of `change` instead of theirs. One ref transaction: a crash leaves the ones or the others.
   */
  join(change: StateChange, made: Made): Promise<RefOutcome> {
    return this.#serial.run(() => this.#join(change, made));
  }

  /**
   * Moves the branches to what the origin accepted (without one they have moved) and drops the pending refs.
   *
   * main and gate branches also belong to the operator: here they follow only where they stood where the push began.
   */
  async settle(also: readonly RefUpdate[] = []): Promise<RefOutcome> {
    const now = readRefs(this.#repository);
    const accepted = [...also, ...this.unpublished()];
    const isPending = new Set(this.#tips.pending().map(({ ref }) => ref));
    const local = accepted.filter(
      ({ ref, from }) => isPending.has(ref) || (now.get(ref) ?? null) === from,
    );
    const seen = accepted.map(({ ref, to }): RefUpdate => {
      const name = fetchedRef(ref);
      return { ref: name, from: now.get(name) ?? null, to };
    });
    const followed = this.#usesPending
      ? [...seen.filter(({ from, to }) => from !== to), ...local]
      : [];
    const moves = [...followed, ...this.#tips.drops()];
    const outcome = await this.#run(moves);
    if (outcome.kind === "ok") this.refresh();
    return outcome;
  }

  /** Gives up what is pending; its commits must have been rebuilt or refused before. */
  async discardPending(): Promise<RefOutcome> {
    const outcome = await this.transactions.run(this.#tips.drops());
    if (outcome.kind === "ok") this.refresh();
    return outcome;
  }

  /**
   * Puts `change` on the origin's newest commits in the place of all that is pending (nothing, for `null`), and brings the
   * branches to these; payload that is pending goes along. One ref transaction: a crash leaves the one or the other.
   */
  async rebuild(change: StateChange | null, newest: Refs): Promise<RefOutcome> {
    const pending = this.#tips.pending();
    const moves: RefUpdate[] = [];
    for (const { name, ref, commit } of pending) {
      const from = this.#tips.onBranch(ref);
      const base = newest.get(ref) ?? null;
      if (base !== null && base !== from) moves.push({ ref, from, to: base });
      const to = change === null ? null : await this.#rebuilt(ref, { change, base, from, commit });
      moves.push({ ref: name, from: commit, to });
    }
    const outcome = await this.#run(stateLast(moves));
    if (outcome.kind === "ok") this.refresh();
    return outcome;
  }

  /** Looks at the refs again, after a lost race or a fetch. */
  refresh(): void {
    this.#tips = new Tips(this.#repository);
    this.#also = [];
    this.#unoffered.forget();
    this.#overlay.clear();
  }

  async close(): Promise<void> {
    await this.#serial.idle();
    await this.#writer.close();
    // Branches that the origin has not accepted are held by no ref here.
    if (this.unpublished().length === 0) this.#writer.releaseAll();
    await Promise.all([this.transactions.close(), this.reader.close()]);
  }

  async #commit(change: StateChange, isPending: boolean): Promise<StateOutcome> {
    // What another process has held back may stand on what the branch has left: it is published first.
    if (!isPending && this.holdsBack && this.unoffered.base !== this.publishedTip)
      return { kind: "raced", ref: STATE, actual: this.publishedTip };
    const targets = this.#targets(change);
    const { commits, written: durable } = await this.#writer.begin(
      targets.map(({ target }) => target),
    );
    const written = targets.map(({ ref }, index): RefUpdate => {
      return { ref, from: this.#tips.newest(ref), to: commits[index] ?? null };
    });
    const moves = isPending
      ? this.#tips.aside(written)
      : this.#tips.onBranches(written, change.alsoRefs);
    const outcome = await this.#run(moves, durable);
    if (outcome.kind === "locked") return outcome;
    if (outcome.kind === "moved") return { ...outcome, kind: "raced" };
    this.#tips.follow(moves);
    this.#remember(isPending ? written : [], change);
    return { kind: "committed", commit: this.tip ?? "" };
  }

  async #join(change: StateChange, made: Made): Promise<RefOutcome> {
    // What came after they were read is not told of by `change`.
    if (made.commits.at(-1) !== this.tip) return { kind: "moved", ref: STATE, actual: this.tip };
    const several = stateLast(this.#unoffered.several);
    const targets = await Promise.all(
      several.map(async ({ ref, base, last }): Promise<CommitTarget> => {
        const changed = await diffTrees(this.reader, base, last);
        const files = ref === STATE ? retold(changed, change) : changed.map(sameBlob);
        return { ...this.#signed(change), parent: base, files };
      }),
    );
    const commits = await this.#writer.write(targets);
    const moves = several.map(({ ref, last }, index): RefUpdate => {
      return { ref: pendingRef(this.#runner, ref), from: last, to: commits[index] ?? null };
    });
    const outcome = await this.#run(moves);
    this.#overlay.clear();
    if (outcome.kind !== "ok") {
      this.#writer.release(commits);
      return outcome;
    }
    this.#tips.follow(moves);
    several.forEach(({ ref, base }, index) => {
      this.#unoffered.replace(ref, { base, commits: commits.slice(index, index + 1) });
    });
    return outcome;
  }

  async #run(moves: readonly RefUpdate[], written?: Promise<unknown>): Promise<RefOutcome> {
    const outcome = await this.transactions.run(moves, written);
    if (outcome.kind === "ok") this.#writer.release(moves.map(({ to }) => to));
    return outcome;
  }

  async #rebuilt(ref: string, { change, base, from, commit }: Rebuilding): Promise<string> {
    const files =
      ref === STATE
        ? [...change.stateFiles].map(fileChange)
        : // The branch here may have followed what others have added since: that it is missing in ours takes nothing away.
          (await diffTrees(this.reader, from, commit)).filter(isThere).map(sameBlob);
    const [rebuilt = ""] = await this.#writer.write([
      { ...this.#signed(change), parent: base, files },
    ]);
    return rebuilt;
  }

  get #usesPending(): boolean {
    return this.#repository.origin !== null;
  }

  /** State comes last, as in `stateLast`. */
  #targets(change: StateChange): { readonly ref: string; readonly target: CommitTarget }[] {
    const common = this.#signed(change);
    const payload = change.payload
      .filter(({ files }) => files.size > 0)
      .map(({ month, files: blobs }) => {
        const ref = payloadRef(month);
        const files = [...blobs].map(([path, content]): FileChange => ({ path, content }));
        return { ref, target: { ...common, parent: this.#tips.newest(ref), files } };
      });
    const files = [...change.stateFiles].map(fileChange);
    return [...payload, { ref: STATE, target: { ...common, parent: this.tip, files } }];
  }

  /** `aside`: what went into pending refs. */
  #remember(aside: readonly RefUpdate[], change: StateChange): void {
    if (aside.length === 0) this.#unoffered.forget();
    for (const made of aside) this.#unoffered.add(made);
    if (this.#usesPending) this.#also = joinedMoves([...this.#also, ...change.alsoRefs]);
    if (this.#overlay.size > LARGEST_OVERLAY) this.#overlay.clear();
    for (const [path, text] of change.stateFiles) this.#overlay.set(path, text);
  }

  #signed(change: StateChange): Pick<CommitTarget, "message" | "author" | "committer"> {
    const author = this.#signature(change.at);
    return { message: messageOf(change), author, committer: author };
  }

  #signature(at: number): Signature {
    return { ...this.#author, at };
  }
}

interface Rebuilding {
  readonly change: StateChange;
  /** Where the origin stands, where it stood when the pending commits were made, and the last of these. */
  readonly base: string | null;
  readonly from: string | null;
  readonly commit: string;
}

function isThere({ oid }: ChangedFile): boolean {
  return oid !== null;
}

interface Signed {
  readonly at: number;
  /** The runner's own name when absent. */
  readonly author?: Signature;
}
