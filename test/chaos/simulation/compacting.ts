/** Compaction in memory: which records leave the files of their own, and how they are found among those that were joined. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { compactionOf, NO_FOLDERS } from "#runner/core/compaction.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import {
  handledPath,
  joinedHandledPath,
  joinedReceiptsPath,
  receiptPath,
} from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { Want } from "#runner/core/want.ts";
import { haveAllHappened, isHandled } from "#runner/loop/compact.ts";
import { handledKey, joinLines, readLines, receiptKey } from "#runner/loop/joined-lines.ts";
import type { Clone } from "./clone.ts";
import type { World } from "./world.ts";
import * as records from "#runner/schema/record-validators.gen.js";

/** What stands in a file of lines; null: there is none. */
export type TextAt = (path: string) => string | null;

interface Ground {
  readonly observed: Observed;
  readonly textAt: TextAt;
  /** Instants at which runs have ended. */
  readonly ends: readonly string[];
}

/** Where all is published, and somebody likes to. */
export function foldedBy(world: World, clone: Clone, clock: () => string): Transaction | null {
  const { faults, random, remote } = world;
  if (!faults.compacting || clone.pending.length > 0 || !random.chance(0.5)) return null;
  const { observed } = clone;
  return compactionAt(
    { observed, textAt: (path) => clone.textAt(path), ends: remote.ends },
    clock(),
  );
}

/** What folds all that is old; null where nothing is. */
function compactionAt({ observed, textAt, ends }: Ground, now: string): Transaction | null {
  const runs = [...new Set(ends.map((end) => end.slice(0, 10)))].toSorted();
  const folders = { ...NO_FOLDERS, runs: runs.map((name) => ({ name, entries: 1 })) };
  const compaction = compactionOf(folders, now);
  const { receiptsBefore, handledBefore = "" } = compaction;
  const texts = new Map<string, string | null>();
  const join = (path: string, { own, text, keyOf }: Old): void => {
    texts.set(path, joinLines(texts.get(path) ?? textAt(path) ?? "", [text], keyOf));
    texts.set(own, null);
  };
  for (const [base, record] of observed.receipts) {
    const text = lineOf(record);
    const path = joinedReceiptsPath(base.slice("sha256:".length, "sha256:".length + 2));
    const isOld = text !== null && haveAllHappened(text, receiptsBefore ?? "");
    if (isOld) join(path, { own: receiptPath(base), text, keyOf: receiptKey });
  }
  for (const [run, record] of observed.handled) {
    const text = lineOf(record);
    const isOld = text !== null && isHandled(text, handledBefore);
    if (isOld) join(joinedHandledPath(run), { own: handledPath(run), text, keyOf: handledKey });
  }
  if (texts.size === 0) return null;
  const event = { kind: "state-compacted", at: now, project: "", base: "", ...compaction } as const;
  return transaction({ event, texts, change: { kind: "compacted" } });
}

interface Old {
  readonly own: string;
  readonly text: string;
  readonly keyOf: (line: string) => string;
}

function lineOf(record: object | null): string | null {
  return record === null ? null : `${canonicalJson(record)}\n`;
}

/** Without what has left the files of its own. */
export function withoutJoined(seen: Observed, { event, texts }: Transaction): Observed {
  if (event.kind !== "state-compacted") return seen;
  const stays = (path: string): boolean => texts.get(path) !== null;
  return {
    ...seen,
    receipts: new Map([...seen.receipts].filter(([base]) => stays(receiptPath(base)))),
    handled: new Map([...seen.handled].filter(([run]) => stays(handledPath(run)))),
  };
}

/** What was asked for and stands nowhere does not exist. */
export function lookedUp(seen: Observed, wants: readonly Want[], textAt: TextAt): Observed {
  const bases = wants.flatMap((want) => (want.kind === "receipt" ? [want.base] : []));
  const runs = wants.flatMap((want) => (want.kind === "handled" ? [want.run] : []));
  const receipts = bases.map((base) => {
    const path = joinedReceiptsPath(base.slice("sha256:".length, "sha256:".length + 2));
    const found = lineAt(textAt(path), (line) => receiptKey(line) === base);
    return [base, records.receipt(found) ? found : null] as const;
  });
  const handled = runs.map((run) => {
    const found = lineAt(textAt(joinedHandledPath(run)), (line) => handledKey(line) === run);
    return [run, records.handled(found) ? found : null] as const;
  });
  return {
    ...seen,
    receipts: new Map([...receipts, ...seen.receipts]),
    handled: new Map([...handled, ...seen.handled]),
  };
}

function lineAt(text: string | null, isWanted: (line: string) => boolean): unknown {
  const line = text === null ? undefined : readLines(text).find(isWanted);
  return line === undefined ? null : JSON.parse(line);
}
