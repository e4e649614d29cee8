/** What undoing a closed run would do, and the commit that takes its files back. */
import {
  filesLeftBy,
  filesToUndo,
  type FilesToUndo,
  type LeftFile,
} from "#runner/core/undo/undo-files.ts";
import { previewUndo, type EffectPreview } from "#runner/core/undo/undo-preview.ts";
import { nothingPlanned } from "#runner/core/step-plan.ts";
import type { EndedRun, Observed, Workspace } from "#runner/core/model.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { Engine } from "./engine.ts";
import { readEndedRun } from "./ended-run.ts";
import type { MovedMain } from "./move-main.ts";
import { commitAsOperator } from "./operator-commit.ts";
import { pipelineOf } from "./open-run.ts";
import { readHandled } from "./handled.ts";
import { readReceipts } from "./receipts.ts";

export interface UndoPreview extends FilesToUndo {
  readonly effects: readonly EffectPreview[];
  /** Runs that did something for it, each of which is undone by itself. */
  readonly children: readonly ChildPreview[];
}

interface ChildPreview {
  readonly run: string;
  /** null: what it did is not kept any more. */
  readonly preview: UndoPreview | null;
}

/** undefined when what the run did, or the version that it was made with, is not kept any more. */
export async function undoPreview(
  engine: Engine,
  { workspace, observed }: { readonly workspace: Workspace; readonly observed: Observed },
  which: { readonly run: string; readonly endedAt: string },
): Promise<UndoPreview | undefined> {
  const { store, manifests } = engine;
  const ended = await readEndedRun({ files: store, manifests }, which);
  if (ended === undefined) return undefined;
  const effects = await effectsOf(engine, { workspace, observed, ended });
  if (effects === undefined) return undefined;
  const { attempts, gates } = ended.closed;
  const left = filesLeftBy(attempts, gates);
  const children = await Promise.all(
    childrenOf(ended.closed).map(async (run) => {
      const child = (await readHandled(store, [run])).get(run);
      const at = child?.end?.at;
      const preview =
        at === undefined
          ? undefined
          : await undoPreview(engine, { workspace, observed }, { run, endedAt: at });
      return { run, preview: preview ?? null };
    }),
  );
  return { effects, children, ...filesToUndo(left, await blobsOf(engine, workspace.commit, left)) };
}

/** Runs that it handed something over to, and that came to a good end. */
function childrenOf({ children = [] }: EndedRun["closed"]): readonly string[] {
  return children.flatMap(({ outcome, run }) => (outcome === "succeeded" ? [run] : []));
}

interface Ended {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly ended: EndedRun;
}

async function effectsOf(
  { store, clock }: Engine,
  { workspace, observed, ended: { closed, version, values } }: Ended,
): Promise<readonly EffectPreview[] | undefined> {
  const pipeline = version === undefined ? undefined : pipelineOf(version, closed.run);
  if (version === undefined || pipeline === undefined) return undefined;
  const { run: record, attempts, gates: decisions } = closed;
  const { agents, pipelines } = version;
  const run = {
    record,
    pipeline,
    agents,
    pipelines,
    attempts,
    decisions,
    waits: [],
    checkpoints: [],
    values,
  };
  const receipts = new Map(observed.receipts);
  for (;;) {
    const seen = { ...observed, receipts };
    const context = { workspace, observed: seen, run, now: clock(), planned: nothingPlanned() };
    const found = previewUndo(context);
    if ("effects" in found) return found.effects;
    for (const [base, receipt] of await readReceipts(store, found.wants)) {
      receipts.set(base, receipt);
    }
  }
}

async function blobsOf(
  { store }: Engine,
  commit: string,
  files: readonly LeftFile[],
): Promise<ReadonlyMap<string, string | null>> {
  const found = await Promise.all(
    files.map(async ({ path }) => {
      const info = await store.reader.resolve(`${commit}:${path}`);
      return [path, info?.oid ?? null] as const;
    }),
  );
  return new Map(found);
}

/** One commit on main in the operator's name: the files are again what they were before the run. */
export async function revertFiles(
  engine: Engine,
  {
    main,
    run,
    files,
  }: { readonly main: string; readonly run: string; readonly files: readonly LeftFile[] },
): Promise<MovedMain> {
  const changes = files.map(({ path, was }): FileChange =>
    was === null ? { path, delete: true } : { path, oid: was },
  );
  const message = `Take back the files of ${run}\n\nFettle-Run: ${run}\n`;
  const words = { done: "taken back on main", again: "undo" };
  return commitAsOperator(engine, { main, files: changes, message, words });
}
