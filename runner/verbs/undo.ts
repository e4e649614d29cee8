/** `fettle undo`: says what of a run can be taken back and what cannot; with --yes it is. */
import { isByOperator, operatorsOf } from "#runner/core/operator.ts";
import { burialWords } from "#runner/core/payload-tombstones.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import { burialAmong } from "#runner/loop/burials.ts";
import { citationsOf } from "#runner/loop/open-run.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import { revertFiles, undoPreview, type UndoPreview } from "#runner/loop/undo-run.ts";
import type { Wish } from "#runner/loop/request.ts";
import { renderUndo } from "#runner/report/undo-text.ts";
import { findRun } from "./find-run.ts";
import { acting, askFor, type Acting } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface UndoOptions {
  /** Its id or the start of it, or its pipeline. */
  readonly run: string;
  readonly yes: boolean;
  readonly reason: string | null;
}

export function undoVerb(context: VerbContext, options: UndoOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const found = await findRun(options.run, seen);
    if (!found.ok) return found.refusal;
    const { record, end } = found.run;
    const before = askedBefore(seen, record.id);
    if (before !== null) return before;
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (options.yes && !who.ok) return refused("refused", who.message, who.hint);
    const acts = { context, engine, seen, options };
    if (end === null) return undoOpen(acts, found.run);
    const preview = await undoPreview(engine, seen, { run: record.id, endedAt: end.endedAt });
    if (preview === undefined) {
      const message = `what ${record.id} did is not kept any more, or not in this clone`;
      return refused("refused", message, "git fetch --unshallow   brings older history");
    }
    return undoClosed(acts, { ...found.run, preview });
  });
}

interface Undoing extends Acting {
  readonly options: UndoOptions;
}

/** Asked for, or under way. */
function askedBefore({ workspace, observed }: Sight, run: string): Answer | null {
  const request = observed.requests.find(
    (one) => one.kind === "undo" && one.run === run && isByOperator(workspace.settings, one),
  );
  const doing = [...observed.runs.values()].find(({ record }) => record.undoes?.run === run);
  if (request === undefined && doing === undefined) return null;
  const by = doing === undefined ? "" : ` by ${doing.record.id}`;
  const text = `${run} is being undone already${by}\n  fettle reconcile   goes on with it\n`;
  return { exit: "ok", text, json: request ?? { run, undoneBy: doing?.record.id } };
}

/** Only what waits for this word; a run that goes on is cancelled, which undoes it. */
function undoOpen(acts: Undoing, run: RunHistory): Promise<Answer> {
  const { id } = run.record;
  const waiting = acts.seen.plan.holds.filter(
    ({ subject, reason }) =>
      reason === "awaiting-approval" &&
      subject.startsWith(`step:${id}/`) &&
      subject.endsWith("-undo"),
  );
  if (waiting.length === 0) {
    const hint = `fettle cancel ${id}   calls it off, and undoes what it did`;
    return Promise.resolve(refused("refused", `${id} is still open`, hint));
  }
  if (acts.options.yes) return asked(acts, { run, endedAt: null });
  const lines = waiting.map(({ why }) => `  ${why}\n`).join("");
  const text = `${id} waits for your word:\n${lines}  fettle undo ${id} --yes   does it\n`;
  return Promise.resolve({ exit: "ok", text, json: { run: id, waiting } });
}

type Undoable = RunHistory & { readonly preview: UndoPreview };

async function undoClosed(acts: Undoing, run: Undoable): Promise<Answer> {
  const { options, context } = acts;
  const { record, end, preview } = run;
  const open = preview.effects.filter(({ state }) => state === "open");
  const text = renderUndo({ run: record.id, preview, isDone: options.yes }, context.look);
  const json = { run: record.id, ...preview };
  if (!options.yes || open.length + preview.revert.length === 0) return { exit: "ok", text, json };
  const failed = (await whyLost(acts, run)) ?? (await revertDelivered(acts, run));
  if (failed !== null) return failed;
  if (open.length === 0) return { exit: "ok", text, json };
  const answer = await asked(acts, { run, endedAt: end?.endedAt ?? null });
  return answer.exit === "ok" ? { ...answer, text: `${text}${answer.text ?? ""}` } : answer;
}

/** What it gave is not kept any more, and would be needed to undo its effects. */
async function whyLost({ seen }: Undoing, run: Undoable): Promise<Answer | null> {
  const isOpen = run.preview.effects.some(({ state }) => state === "open");
  const gone = isOpen ? await burialAmong(seen.files, citationsOf([run])) : undefined;
  if (gone === undefined) return null;
  const { id } = run.record;
  const message = `what ${id} gave was ${burialWords(gone)}: nobody can tell any more what to undo`;
  return refused("refused", message, `fettle explain ${id}   names its effects`);
}

async function revertDelivered(
  { engine, seen }: Undoing,
  { record, preview }: Undoable,
): Promise<Answer | null> {
  const files = preview.revert;
  if (files.length === 0) return null;
  const main = seen.workspace.commit;
  const reverted = await revertFiles(engine, { main, run: record.id, files });
  return reverted.ok ? null : refused(reverted.exit, reverted.message, reverted.hint);
}

async function asked(
  acts: Undoing,
  { run: { record }, endedAt }: { readonly run: RunHistory; readonly endedAt: string | null },
): Promise<Answer> {
  const { id: run, project, pipeline } = record;
  const reason = acts.options.reason ?? "";
  const wish: Wish = { kind: "undo", project, pipeline, run, endedAt, reason };
  return askFor(acts, wish, `what ${run} did will be undone`);
}
