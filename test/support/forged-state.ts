/** A worked studio whose state branch is forged: records, events, payloads. */
import { join } from "node:path";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import { groupOf } from "#runner/loop/ledger.ts";
import { ManifestReader } from "#runner/loop/manifests.ts";
import { readSummaries } from "#runner/loop/state-files.ts";
import { type Verification, verify } from "#runner/loop/verify.ts";
import { Cache } from "#runner/repo/cache.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Citation } from "#runner/schema/types.gen.ts";
import { openAt, type TestRepository } from "./git-repo.ts";
import { appendCommit, commitsFrom, type Edits, oidsOf, rewriteFrom } from "./rewrite-branch.ts";

export const STATE = "fettle/state";
const AUTHOR = { name: "fettle", email: "fettle@localhost" };

export type Json = Record<string, unknown>;

export async function verified(path: string): Promise<Verification> {
  const repository = await openAt(path);
  const store = new StateStore({ repository, author: AUTHOR });
  const manifests = new ManifestReader(
    store.reader,
    new Cache(join(repository.fettleDir, "cache")),
  );
  try {
    return await verify({ repository, store, manifests });
  } finally {
    await store.close();
  }
}

/** The commit that wrote the path first. */
export function commitOf(
  repository: TestRepository,
  pattern: string,
): { commit: string; path: string } {
  const lines = repository
    .git("log", "--reverse", "--diff-filter=A", "--name-only", "--format=@%H", STATE)
    .split("\n");
  const at = lines.findIndex((line) => new RegExp(pattern, "u").test(line));
  const commit = lines
    .slice(0, at)
    .findLast((line) => line.startsWith("@"))
    ?.slice(1);
  if (at < 0 || commit === undefined) throw new Error(`nothing wrote ${pattern}`);
  return { commit, path: lines[at] ?? "" };
}

export function readJson(repository: TestRepository, commit: string, path: string): Json {
  return JSON.parse(repository.git("show", `${commit}:${path}`));
}

/** Rewrites a record wherever the branch holds it as it was first written. */
export function forgeRecord(
  repository: TestRepository,
  pattern: string,
  change: (record: Json) => Json,
): void {
  const { commit, path } = commitOf(repository, pattern);
  const text = `${canonicalJson(change(readJson(repository, commit, path)))}\n`;
  const commits = commitsFrom(repository, { branch: STATE, at: commit });
  const blobs = oidsOf(
    repository,
    commits.map((later) => `${later}:${path}`),
  );
  const holding = new Set(commits.filter((_, index) => blobs[index] === blobs[0]));
  rewriteFrom(repository, { branch: STATE, at: commit }, (later): Edits => {
    return holding.has(later) ? { [path]: text } : {};
  });
}

/** Books an event with records that it does not name. */
export async function bookBeside(
  path: string,
  event: LedgerEvent,
  files: readonly (readonly [string, object])[],
): Promise<void> {
  const repository = await openAt(path);
  const store = new StateStore({ repository, author: AUTHOR });
  try {
    const summaries = await readSummaries(store);
    const booking = { summaries, transactions: [transaction({ event })], refs: [] };
    const { change } = groupOf(booking, { isFirst: store.tip === null });
    const beside = files.map(([name, record]) => [name, `${canonicalJson(record)}\n`] as const);
    await store.commit({ ...change, stateFiles: new Map([...change.stateFiles, ...beside]) });
  } finally {
    await store.close();
  }
}

/** Takes one blob that an attempt cites off its payload branch. */
export function dropPayload(studio: TestRepository): readonly [month: string, digest: string] {
  const { month, digest } = foundOutputs(studio);
  appendCommit(studio, `fettle/payload/${month}`, { [payloadFile(digest)]: null });
  return [month, digest];
}

/** What the first step of the run has cited as its outputs. */
export function foundOutputs(studio: TestRepository): Citation {
  const { commit, path } = commitOf(studio, String.raw`^open/chase-invoices.*/find\.1\.json$`);
  const record = readJson(studio, commit, path);
  if (!records.attempt(record) || record.outputs === null)
    throw new Error(`${path} has no outputs`);
  return record.outputs;
}

export function payloadFile(digest: string): string {
  const hex = digest.slice("sha256:".length);
  return `${hex.slice(0, 2)}/${hex}`;
}
