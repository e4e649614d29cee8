/** `fettle cancel`: calls off an open run. */
import { requestsToCancel } from "#runner/core/cancel.ts";
import { historiesOf, type RunHistory } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { isUndoStep } from "#runner/core/undo/undo-step.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import type { Plan } from "#runner/core/action.ts";
import type { Wish } from "#runner/loop/request.ts";
import type { CancelRequest } from "#runner/schema/types.gen.ts";
import { findRun, type FoundRun } from "./find-run.ts";
import { acting, askFor } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface CancelOptions {
  /** Its id or the start of it, or its pipeline. */
  readonly run: string;
  readonly reason: string | null;
  /** What the run has done is not undone. */
  readonly keep: boolean;
}

export function cancelVerb(context: VerbContext, options: CancelOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const found = await openRunNamed(seen, options.run);
    if (!found.ok) return found.refusal;
    const { record, end } = found.run;
    if (end !== null) return endedAlready(found.run);
    const [before] = requestsToCancel(seen.observed.requests, record.id).filter(
      ({ keep }) => keep || !options.keep,
    );
    if (before !== undefined) return askedAlready(seen, before);
    const { id: run, project } = record;
    const { keep } = options;
    const wish: Wish = { kind: "cancel", project, run, reason: options.reason ?? "", keep };
    return askFor({ context, engine, seen }, wish, async (request) => {
      const requests = [...seen.observed.requests, request];
      const facts = { workspace: seen.workspace, observed: { ...seen.observed, requests } };
      const { plan } = await completePlan(seen.files, facts, context.clock());
      return `${run} will be cancelled\n${nextWords(plan, run)}`;
    });
  });
}

/** What is open is meant before what has ended. */
async function openRunNamed(seen: Sight, name: string): Promise<FoundRun> {
  const open = runsNamed(name, historiesOf(seen.observed, new Map()));
  const [only] = open;
  if (only !== undefined && open.length === 1) return { ok: true, run: only };
  return findRun(name, seen);
}

/** Who else works on it, or what is undone only when the operator says so. */
function nextWords({ holds }: Plan, run: string): string {
  const inTheWay = holds.filter(
    ({ subject }) =>
      subject === `run:${run}` || (subject.startsWith(`step:${run}/`) && isUndoStep(subject)),
  );
  if (inTheWay.length === 0) return "  fettle reconcile   does it now\n";
  return inTheWay.map(({ why, unblock }) => `  held: ${why}\n    ${unblock}\n`).join("");
}

function askedAlready({ plan }: Sight, before: CancelRequest): Answer {
  const { run, by } = before;
  const text = `${run} is to be cancelled already: ${by} asked for it\n${nextWords(plan, run)}`;
  return { exit: "ok", text, json: before };
}

/** Cancelling twice is no mistake. */
function endedAlready({ record: { id }, end }: RunHistory): Answer {
  if (end?.result === "cancelled") {
    return { exit: "ok", text: `${id} was cancelled already\n`, json: { run: id, ...end } };
  }
  const message = `${id} has ended: ${end?.result ?? ""}`;
  return refused("refused", message, `fettle timeline ${id}   shows what it did`);
}
