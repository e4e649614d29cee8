/** Verbs of a tick that is spread over machines: its steps are handed out as files, executed anywhere, and booked when they come back. */
import { Option } from "commander";
import { type AddVerb, wholeNumber } from "./command-line.ts";

interface PlanOptions {
  readonly detailedExitcode?: boolean;
  readonly lanes?: number;
  readonly out?: string;
}

export function addPlan(verb: AddVerb): void {
  verb({
    usage: "plan",
    summary: "show what would be done now, and why",
    first: true,
    past: true,
    examples: [
      ["fettle plan", "what the next reconcile would do"],
      [
        "fettle plan --detailed-exitcode",
        "exit 2: there is something to do; 3: only you are waited for",
      ],
      ["fettle plan --lanes 4 --out lanes", "hand the steps that are ready to other machines"],
    ],
    act: async (context, { detailedExitcode = false, lanes, out }: PlanOptions) =>
      lanes === undefined
        ? (await import("#runner/verbs/plan.ts")).planVerb(context, { detailedExitcode })
        : (await import("#runner/verbs/plan-lanes.ts")).planLanesVerb(context, {
            mostLanes: lanes,
            out: out ?? null,
          }),
  })
    .option(
      "--detailed-exitcode",
      "exit 2 when there is something to do, 3 when only you are waited for",
    )
    .addOption(
      new Option(
        "--lanes [number]",
        "do what needs no agent, and hand the rest to at most so many lanes",
      )
        .argParser(laneNumber)
        .preset("8"),
    )
    .option("--out <folder>", "where --lanes writes what the lanes need");
}

export function addLaneVerbs(verb: AddVerb): void {
  verb({
    usage: "execute <file>",
    summary: "execute what plan --lanes has handed out",
    examples: [
      ["fettle execute lanes/lane-1.json --out results/lane-1", "needs no repository"],
      ["fettle execute lanes/u3.json --out results", "one step"],
    ],
    act: async (context, file: string, { out, plan }: { out: string; plan?: string }) =>
      (await import("#runner/verbs/execute.ts")).executeVerb(context, {
        file,
        out,
        plan: plan ?? null,
      }),
  })
    .requiredOption("--out <folder>", "where results are written")
    .option("--plan <digest>", "refuse another plan than this one");
  verb({
    usage: "settle <results>",
    summary: "book what lanes have executed",
    examples: [
      ["fettle settle results --plan lanes", "all of it"],
      ["fettle settle results --plan lanes --partial", "what has come so far; the rest may come"],
    ],
    act: async (context, results: string, options: { plan: string; partial?: boolean }) =>
      (await import("#runner/verbs/settle.ts")).settleVerb(context, {
        results,
        plan: options.plan,
        isPartial: options.partial === true,
      }),
  })
    .requiredOption("--plan <folder>", "what plan --lanes has written")
    .option("--partial", "what is missing may still come");
}

const MOST_LANES = 200;

/** A matrix has at most 256 jobs. */
function laneNumber(text: string): number {
  return Math.min(wholeNumber(text), MOST_LANES);
}

/** What the workflows of `fettle init --github` call. */
export function addActionsVerbs(verb: AddVerb): void {
  verb({
    usage: "plan",
    summary: "plan --lanes, with outputs and a summary",
    examples: [["fettle actions plan --out fettle-plan", "in the job that may write"]],
    act: async (context, { out, lanes }: { out: string; lanes: number }) =>
      (await import("#runner/verbs/actions.ts")).actionsPlanVerb(context, {
        out,
        mostLanes: lanes,
      }),
  })
    .requiredOption("--out <folder>", "where the plan is written")
    .option("--lanes <number>", "at most so many", laneNumber, 8);
  verb({
    usage: "settle <results>",
    summary: "settle, with outputs and a summary",
    examples: [["fettle actions settle fettle-results --plan fettle-plan", "when lanes are done"]],
    act: async (context, results: string, { plan }: { plan: string }) =>
      (await import("#runner/verbs/actions.ts")).actionsSettleVerb(context, { results, plan }),
  }).requiredOption("--plan <folder>", "what plan has written");
  verb({
    usage: "check",
    summary: "what a pull request would change, planned and never executed",
    examples: [["fettle -C proposal actions check", "with the policy and budgets of main"]],
    act: async (context, { out }: { out?: string }) =>
      (await import("#runner/verbs/actions-check.ts")).actionsCheckVerb(context, {
        out: out ?? null,
      }),
  }).option("--out <file>", "where a report for `comment` is written");
  verb({
    usage: "comment <report>",
    summary: "write what check has found under its pull request, as one comment",
    examples: [
      ["fettle actions comment report.json --pull 7 --commit <sha>", "in a job that may write"],
    ],
    act: async (context, report: string, { pull, commit }: { pull: number; commit: string }) =>
      (await import("#runner/verbs/actions-comment.ts")).actionsCommentVerb(context, {
        report,
        pull,
        commit,
      }),
  })
    .requiredOption("--pull <number>", "of the pull request", wholeNumber)
    .requiredOption("--commit <sha>", "that was checked");
}
