/** main without what was forgotten: its history is written anew, and the state says so in the same update. */
import { join } from "node:path";
import { KEPT_BRANCHES, MAIN, fetchedRef } from "#runner/core/ref-names.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { allRefs } from "#runner/repo/all-refs.ts";
import { readRefs } from "#runner/repo/refs.ts";
import {
  bundleAll,
  reachedFrom,
  rewriteHistory,
  storedAmong,
  versionsOf,
} from "#runner/repo/rewrite-history.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import { bookAtOnce, type BookedAtOnce } from "./book-at-once.ts";
import type { Engine } from "./engine.ts";
import type { Seen } from "./look.ts";
import { readTombstones } from "./tombstones.ts";

export interface Purge {
  /** What must not be there any more. */
  readonly blobs: ReadonlySet<string>;
  /** Blobs that the history of main holds. */
  readonly onMain: readonly string[];
  /** Other refs that hold some of them: they are not rewritten. */
  readonly others: readonly string[];
  /** Branches that keep an old main, and go. */
  readonly kept: readonly string[];
  /** In the object store, held by something or not. */
  readonly stored: readonly string[];
}

/** Copies of what the origin has, or had: they follow it. */
const COPY = /^refs\/(?:fettle\/|remotes\/origin\/(?:HEAD$|main$|fettle\/))/u;

/** Everything that tombstones name, with the older versions of the same files. */
export async function purgeOf(
  { store, repository }: Pick<Engine, "store" | "repository">,
  main: string,
): Promise<Purge> {
  const buried = await readTombstones(store.reader, main);
  const seeds = new Set(
    buried.flatMap(({ blob, blobs = [] }) => [...(blob ? [blob] : []), ...blobs]),
  );
  const tip = (await listTree(store.reader, main)).filter(isRegular);
  const kept = new Set(tip.map(({ oid }) => oid));
  const versions = await versionsOf(repository, main, { seeds, kept });
  const blobs = new Set([...seeds, ...versions].filter((oid) => !kept.has(oid)));
  const holding: string[] = [];
  for (const ref of (await allRefs(repository)).keys()) {
    if (ref !== MAIN && (await reachedFrom(repository, [ref], blobs)).length > 0) holding.push(ref);
  }
  return {
    blobs,
    onMain: await reachedFrom(repository, [main], blobs),
    kept: holding.filter((ref) => ref.startsWith(KEPT_BRANCHES)),
    others: holding.filter((ref) => !ref.startsWith(KEPT_BRANCHES) && !COPY.test(ref)),
    stored: await storedAmong(repository, blobs),
  };
}

export interface Purging {
  readonly purge: Purge;
  readonly main: string;
  readonly by: string;
  readonly reason: string;
  readonly observed: Seen["observed"];
}

export type Purged =
  | {
      readonly ok: true;
      readonly from: string;
      readonly to: string;
      readonly commits: number;
      readonly backup: string;
    }
  | Extract<BookedAtOnce, { readonly ok: false }>;

/** A crash before the refs have moved leaves main as it was; the same purge again makes the same commits. */
export async function purgeHistory(
  engine: Engine,
  { purge, main, by, reason, observed }: Purging,
  signal: AbortSignal,
): Promise<Purged> {
  const { repository, store } = engine;
  const at = engine.clock();
  const backup = join(
    repository.own.gitDir,
    `before-purge-${at.slice(0, 10)}-${main.slice(0, 7)}.bundle`,
  );
  await bundleAll(repository, backup);
  const rewritten = await rewriteHistory(repository, store.reader, {
    tip: main,
    blobs: purge.blobs,
  });
  const from = observed.summaries.workspace.appliedCommit ?? main;
  const purged = [...purge.blobs].toSorted();
  const facts = { at, project: "", from, to: rewritten.tip, by, reason, purged } as const;
  const event = { kind: "rewrite-accepted", ...facts } as const;
  const refs = readRefs(repository);
  const gone = purge.kept.flatMap((ref): readonly RefUpdate[] => {
    const oid = refs.get(ref);
    return oid === undefined ? [] : [{ ref, from: oid, to: null, isTaking: true }];
  });
  const moves: readonly RefUpdate[] = [
    { ref: MAIN, from: main, to: rewritten.tip, isTaking: true },
    ...gone,
  ];
  const { summaries } = observed;
  const booking = { summaries, transactions: [transaction({ event })], refs: moves };
  const booked = await bookAtOnce(engine, booking, signal);
  if (!booked.ok) return booked;
  const left = gone.map(({ ref }) => ({
    ref: fetchedRef(ref),
    from: refs.get(fetchedRef(ref)) ?? null,
    to: null,
  }));
  await store.transactions.run(left.filter(({ from: oid }) => oid !== null));
  return { ok: true, from: main, to: rewritten.tip, commits: rewritten.commits, backup };
}
