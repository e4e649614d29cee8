/** A compaction is made again from the commit before it: what it folded stood there, and nothing is lost or changed. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { isEventsPath } from "#runner/core/state-path.ts";
import { readEventLine } from "#runner/core/verify/verify-event.ts";
import type { Finding } from "#runner/core/verify/verify-finding.ts";
import { compacted } from "./compact.ts";
import type { Eyes } from "./look.ts";
import type { ReadCommit } from "./verify-chain.ts";
import type { ChangedFile } from "./verify-read.ts";

type Compaction = Extract<LedgerEvent, { kind: "state-compacted" }>;

/** What the events of these files say was folded, folded once more; null where they say nothing of it. */
export async function readCompacted(
  { store: { reader }, repository: { partial } }: Eyes,
  [parent]: readonly string[],
  files: readonly ChangedFile[],
): Promise<ReadCommit["compacted"]> {
  const compaction = files.flatMap(compactionsIn).at(0);
  if (compaction === undefined || parent === undefined) return null;
  try {
    const folded = await compacted(reader, { commit: parent, compaction });
    return folded ?? (partial ? "not-here" : "unreadable");
  } catch {
    // What it was made from is damaged, or never was what it should be: a finding, not a crash.
    return "unreadable";
  }
}

function compactionsIn({ path, text }: ChangedFile): readonly Compaction[] {
  if (text === null || !isEventsPath(path)) return [];
  return (readEventLine(text) ?? []).filter((event) => event.kind === "state-compacted");
}

/** The files of a commit that compaction does not account for, and where it has folded otherwise than it must. */
export function withoutCompaction({ oid, files, compacted: expected }: ReadCommit): {
  readonly files: readonly ChangedFile[];
  readonly findings: readonly Finding[];
} {
  if (expected === null) return { files, findings: [] };
  if (expected === "unreadable" || expected === "not-here") {
    const rule = expected === "not-here" ? "not-here" : "compaction";
    const message = "what it folds cannot be read in the commit before";
    return { files: files.filter(isNoFold), findings: [{ rule, where: oid, message }] };
  }
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const wrong = [...expected].filter(([path, text]) => texts.get(path) !== text);
  return {
    files: files.filter(({ path }) => !expected.has(path)),
    findings: wrong.map(([path]) =>
      found(`${oid}:${path}`, "it is not what the commit before adds up to when it is folded"),
    ),
  };
}

/** What is left to be checked of a commit whose folding cannot be told. */
function isNoFold({ path, text }: ChangedFile): boolean {
  return text !== null && !path.endsWith(".jsonl");
}

/** It stands alone in its commit, and builds on the commit that it names. */
export function compactionFindings(
  oid: string,
  previous: string | null,
  events: readonly LedgerEvent[],
): readonly Finding[] {
  return events.flatMap((event) => {
    if (event.kind !== "state-compacted") return [];
    return [
      ...(events.length === 1 ? [] : [found(oid, "it shares its commit with other events")]),
      ...(event.base === previous ? [] : [found(oid, `it was made from ${event.base}`)]),
    ];
  });
}

function found(where: string, message: string): Finding {
  return { rule: "compaction", where, message };
}
