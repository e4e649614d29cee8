/** Verbs that take back or do again: of one run, or of a project's manifests. */
import type { AddVerb } from "./command-line.ts";

interface CancelOptions {
  readonly keep?: boolean;
  readonly reason?: string;
}

interface UndoOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

interface RetryOptions {
  readonly from?: string;
  readonly set?: readonly string[];
  readonly upgrade?: boolean;
  readonly reason?: string;
}

export function addRunVerbs(verb: AddVerb): void {
  addCancel(verb);
  addUndo(verb);
  addRetry(verb);
  addRollback(verb);
}

function addCancel(verb: AddVerb): void {
  verb({
    usage: "cancel <run>",
    summary: "call off a run that is open",
    examples: [
      ["fettle cancel chase-invoices.8dtw", "a run; the start of the name is enough"],
      ['fettle cancel chase-invoices --reason "wrong list"', "the open run of the pipeline"],
    ],
    act: async (context, run: string, options: CancelOptions) =>
      (await import("#runner/verbs/cancel.ts")).cancelVerb(context, {
        run,
        reason: options.reason ?? null,
        keep: options.keep === true,
      }),
  })
    .option("--keep", "leave what it has done as it is; nothing is undone")
    .option("--reason <text>", "why, for the record");
}

function addUndo(verb: AddVerb): void {
  verb({
    usage: "undo <run>",
    summary: "say what of a run can be taken back; --yes does it",
    examples: [
      ["fettle undo chase-invoices", "what can be undone of the latest run, and what cannot"],
      ["fettle undo chase-invoices.8dtw --yes", "do it: files at once, effects with reconcile"],
    ],
    act: async (context, run: string, options: UndoOptions) =>
      (await import("#runner/verbs/undo.ts")).undoVerb(context, {
        run,
        yes: options.yes === true,
        reason: options.reason ?? null,
      }),
  })
    .option("--yes", "do it; without, only say what would be done")
    .option("--reason <text>", "why, for the record");
}

function addRetry(verb: AddVerb): void {
  verb({
    usage: "retry <run>",
    summary: "try a run that has ended once more; what it found out is kept",
    examples: [
      ["fettle retry chase-invoices", "the latest run of the pipeline: only what is missing"],
      ["fettle retry chase-invoices.8dtw --from draft", "do a step and what follows it again"],
      ["fettle retry brief --set days=7", "a run that failed, with a parameter changed"],
      ["fettle retry brief --upgrade", "with pipeline, agents and files as main has them now"],
    ],
    act: async (context, run: string, options: RetryOptions) =>
      (await import("#runner/verbs/retry.ts")).retryVerb(context, {
        run,
        from: options.from ?? null,
        set: options.set ?? [],
        upgrade: options.upgrade === true,
        reason: options.reason ?? null,
      }),
  })
    .option("--from <step>", "this step and what comes after it execute anew")
    .option("--set <name=value...>", "a parameter")
    .option("--upgrade", "what main has now instead of what the run began with")
    .option("--reason <text>", "why, for the record");
}

function addRollback(verb: AddVerb): void {
  verb({
    usage: "rollback <project>",
    summary: "put a project's manifests back, with a commit on main",
    examples: [
      ["fettle rollback collections", "to the last good version, or before the last change"],
      ["fettle rollback collections --to 1a2b3c4", "to what they were at a commit"],
    ],
    act: async (context, project: string, { to }: { readonly to?: string }) =>
      (await import("#runner/verbs/rollback.ts")).rollbackVerb(context, {
        project,
        to: to ?? null,
      }),
  }).option("--to <commit>", "what the manifests were at this commit");
}
