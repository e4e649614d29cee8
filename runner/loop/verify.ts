/** `fettle verify`: the whole history of the state branch, checked offline from any full clone, a bare one included. */
import { type Finding, type Verdict, verdictOf } from "#runner/core/verify/verify-finding.ts";
import { type ChangedPath, changeLog, type CommitChanges } from "#runner/repo/change-log.ts";
import { branchName, STATE } from "#runner/core/ref-names.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Eyes } from "./look.ts";
import { readCompacted } from "./verify-compaction.ts";
import { ChainCheck, type ReadCommit } from "./verify-chain.ts";
import { verifyMain } from "./verify-main.ts";
import { verifyPayload } from "./verify-payload.ts";
import type { ChangedFile } from "./verify-read.ts";

export interface Verification {
  readonly verdict: Verdict;
  readonly checked: CheckedCounts;
  /** In the order of the commits; then main, then payload. */
  readonly findings: readonly Finding[];
}

export interface CheckedCounts {
  readonly commits: number;
  readonly events: number;
  readonly records: number;
  readonly summaries: number;
  readonly approvals: number;
  readonly deliveries: number;
  readonly payloads: number;
  /** Payloads that retention or erasure took away, as a tombstone says. */
  readonly expired: number;
}

/** Commits whose files are asked for together. */
const BATCH = 64;

/**
 * Walks every published commit from the first one; holds the working set and the citations, not the history.
 * What a runner has booked here and not yet published is not part of it.
 */
export async function verify(eyes: Eyes): Promise<Verification> {
  const chain = new ChainCheck();
  const reading = await walk(eyes, chain);
  const main = await verifyMain(eyes, chain);
  const payload = await verifyPayload(eyes, chain);
  const findings = [...reading, ...chain.findings, ...main, ...payload.findings];
  return {
    verdict: verdictOf(findings),
    checked: {
      ...chain.counts,
      approvals: chain.approvals.length,
      deliveries: chain.deliveries.length,
      payloads: payload.blobs,
      expired: payload.expired,
    },
    findings,
  };
}

/** Hands every commit to `chain`; what could not be read is returned. */
async function walk(eyes: Eyes, chain: ChainCheck): Promise<readonly Finding[]> {
  const { repository, store } = eyes;
  const tip = readRefs(repository).get(STATE);
  if (tip === undefined) {
    return [
      { rule: "not-here", where: branchName(STATE), message: "this clone has no state branch" },
    ];
  }
  const findings: Finding[] = [];
  const batch: CommitChanges[] = [];
  const read = async (): Promise<void> => {
    const commits = await Promise.all(batch.splice(0).map((commit) => readCommit(eyes, commit)));
    for (const commit of commits) {
      findings.push(...missingFindings(repository, commit));
      if (!chain.isBeyond) chain.check(commit);
    }
  };
  let isFirst = true;
  for await (const item of changeLog(repository, tip)) {
    if (item.kind === "unreadable") {
      findings.push(
        missing(repository, branchName(STATE), `the history cannot be read: ${item.detail}`),
      );
      continue;
    }
    if (isFirst && (await isCutOff(store, item))) return [cutOff(item.oid)];
    isFirst = false;
    if (batch.push(item) >= BATCH) await read();
  }
  await read();
  return findings;
}

/** A commit that has parents which this clone does not have: what came before is unknown, and so is all that follows from it. */
async function isCutOff(store: Eyes["store"], { oid, parents }: CommitChanges): Promise<boolean> {
  const recorded = (await store.reader.readCommit(oid))?.parents ?? [];
  return recorded.length > parents.length;
}

function cutOff(oid: string): Finding {
  const message = "the history before it is not in this clone: git fetch --unshallow";
  return { rule: "not-here", where: oid, message };
}

/** `unread`: files that are named and cannot be had. */
type PartlyRead = ReadCommit & { readonly unread: readonly string[] };

async function readCommit(eyes: Eyes, commit: CommitChanges): Promise<PartlyRead> {
  const { store } = eyes;
  const { oid, parents, changes } = commit;
  const read = await Promise.all(changes.map((change) => readChange(store, change)));
  const files = read.filter((file): file is ChangedFile => file.text !== undefined);
  const unread = read.filter(({ text }) => text === undefined).map(({ path }) => path);
  return { oid, parents, files, unread, compacted: await readCompacted(eyes, parents, files) };
}

interface ReadChange extends Omit<ChangedFile, "text"> {
  readonly text: string | null | undefined;
}

/** `text` is undefined where it cannot be had: a damaged object is a finding, not a crash. */
async function readChange(
  store: Eyes["store"],
  { path, mode, after }: ChangedPath,
): Promise<ReadChange> {
  if (after === null) return { path, mode, text: null };
  try {
    return { path, mode, text: (await store.reader.readBlob(after))?.toString("utf8") };
  } catch {
    return { path, mode, text: undefined };
  }
}

function missingFindings(repository: Repository, { oid, unread }: PartlyRead): readonly Finding[] {
  return unread.map((path) => missing(repository, `${oid}:${path}`, "the file cannot be read"));
}

function missing({ partial }: Repository, where: string, message: string): Finding {
  return { rule: partial ? "not-here" : "object", where, message };
}
