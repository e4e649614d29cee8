/** Single contents leave the payload branches for good, because somebody must be forgotten. */
import { secondsOf } from "#runner/core/time/instant.ts";
import { PAYLOAD_BRANCHES, payloadRef } from "#runner/core/ref-names.ts";
import { payloadPath } from "#runner/core/state-path.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import { taken } from "./drop-payload.ts";
import type { Engine } from "./engine.ts";
import { book } from "./ledger.ts";
import { neededCitations } from "./payload-needs.ts";
import { publishPending } from "./publish-pending.ts";
import { readSummaries } from "./state-files.ts";
import type { Trace } from "./traces.ts";

/** What goes of a month, and what must stay for now. */
export interface PayloadErasure {
  readonly month: string;
  readonly digests: readonly string[];
  readonly needed: readonly { readonly digest: string; readonly by: string }[];
  /** Contents of the month in all. */
  readonly total: number;
}

/** `traces`: files of payload branches that hold the words. */
export async function payloadErasures(
  { store }: Pick<Engine, "store">,
  traces: readonly Trace[],
): Promise<readonly PayloadErasure[]> {
  const payload = traces.filter(({ ref }) => ref.startsWith(PAYLOAD_BRANCHES));
  if (payload.length === 0) return [];
  const needs = await neededCitations(store);
  return Promise.all(
    payload.map(async ({ ref, commit, files }): Promise<PayloadErasure> => {
      const month = ref.slice(PAYLOAD_BRANCHES.length);
      const found = files.map((path) => `sha256:${path.split("/").at(-1) ?? ""}`);
      const needed = found.flatMap((digest) => {
        const by = needs.get(`${month} ${digest}`);
        return by === undefined ? [] : [{ digest, by }];
      });
      const digests = found.filter((digest) => !needs.has(`${month} ${digest}`));
      const total = (await listTree(store.reader, commit)).length;
      return { month, digests, needed, total };
    }),
  );
}

export interface Erasing {
  readonly erasures: readonly PayloadErasure[];
  readonly by: string;
  readonly reason: string;
}

export type Erased = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** A month a commit; what was done before an error stays done, and may be asked for again. */
export async function erasePayload(
  engine: Engine,
  { erasures, by, reason }: Erasing,
  signal: AbortSignal,
): Promise<Erased> {
  for (const { month, digests } of erasures) {
    if (digests.length === 0) continue;
    const published = await publishPending(engine, signal);
    if (!published.ok) return { ok: false, detail: published.detail };
    const erased = await eraseMonth(engine, { month, digests, by, reason });
    if (!erased.ok) return erased;
  }
  const published = await publishPending(engine, signal);
  if (!published.ok) return { ok: false, detail: published.detail };
  return published.isRebuilt ? RACED : { ok: true };
}

const RACED = { ok: false, detail: "another runner was faster" } as const;

interface Month {
  readonly month: string;
  readonly digests: readonly string[];
  readonly by: string;
  readonly reason: string;
}

async function eraseMonth(engine: Engine, { month, digests, by, reason }: Month): Promise<Erased> {
  const { store, repository } = engine;
  const from = readRefs(repository).get(payloadRef(month));
  if (from === undefined || store.tip !== store.publishedTip) return RACED;
  const head = await withoutBlobs(engine, { from, gone: new Set(digests.map(payloadPath)) });
  const made = await taken(engine, { month, by, rule: reason, digests, from, head });
  if (made.kind !== "made") return RACED;
  const summaries = await readSummaries(store);
  const booking = { summaries, transactions: [made.made], refs: made.refs };
  const { outcome } = await book(store, booking);
  return outcome.kind === "committed" ? { ok: true } : RACED;
}

/** A first commit of what is left: the history of the branch goes with what was taken from it. */
async function withoutBlobs(
  { store, clock }: Engine,
  { from, gone }: { readonly from: string; readonly gone: ReadonlySet<string> },
): Promise<string | null> {
  const files = (await listTree(store.reader, from)).filter(isRegular);
  const left = files.filter(({ path }) => !gone.has(path));
  if (left.length === 0) return null;
  return store.buildCommit({
    parent: null,
    files: left.map(({ path, oid }) => ({ path, oid })),
    message: "What is left after an erasure\n",
    at: secondsOf(clock()),
  });
}
