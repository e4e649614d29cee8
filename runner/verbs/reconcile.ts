/** `fettle reconcile`: one tick, or ticks until it is stopped. */
import { setTimeout as sleep } from "node:timers/promises";
import { addMs, msBetween } from "#runner/core/calendar.ts";
import type { ExitName } from "#runner/core/exit-code.ts";
import type { Engine, Progress } from "#runner/loop/engine.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { reconcile, type Tick } from "#runner/reconcile.ts";
import { renderStatus } from "#runner/report/status-text.ts";
import { renderTick } from "#runner/report/tick-text.ts";
import { writing } from "./opened.ts";
import { restedAnswer } from "./rested.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const WATCH_POLL_MS = 1000;

export interface ReconcileOptions {
  readonly watch: boolean;
  readonly detailedExitcode: boolean;
}

export async function reconcileVerb(
  context: VerbContext,
  options: ReconcileOptions,
): Promise<Answer> {
  if (options.watch) return watch(context, options);
  return context.showing((onProgress) => tickOnce(context, options, onProgress));
}

export async function tickOnce(
  context: VerbContext,
  options: Pick<ReconcileOptions, "detailedExitcode">,
  onProgress: (event: Progress) => void,
): Promise<Answer> {
  return writing(context, onProgress, async (engine) => {
    const tick = await reconcile(engine, context.signal);
    return answerOf(context, tick, options.detailedExitcode);
  });
}

/** Ticks when refs move or the next wake comes; ends with the signal. */
async function watch(context: VerbContext, options: ReconcileOptions): Promise<Answer> {
  for (let turn = 0; ; turn += 1) {
    let wake: string | null = null;
    const answer = await context.showing((onProgress) =>
      writing(context, onProgress, async (engine) => {
        const tick = await reconcile(engine, context.signal);
        wake = tick.plan?.nextWake ?? null;
        return answerOf(context, tick, options.detailedExitcode);
      }),
    );
    if (answer.exit === "usage") return answer;
    if (isOver(context)) return ended(context, answer);
    if (answer.problem !== undefined) context.notice(answer.problem);
    if (turn === 0) context.notice("watching main; Ctrl-C ends it");
    await untilNews(context, TROUBLED.has(answer.exit) ? soonest(context, wake) : wake);
    if (isOver(context)) return ended(context, answer);
  }
}

/** What may be over in a minute: no connection, another runner. */
const TROUBLED: ReadonlySet<ExitName> = new Set(["temporary", "lost"]);
const RETRY_MS = 60_000;

function soonest({ clock }: VerbContext, wake: string | null): string {
  const retry = addMs(clock(), RETRY_MS);
  return wake !== null && wake < retry ? wake : retry;
}

function isOver({ signal, unheard }: VerbContext): boolean {
  return signal.aborted || unheard.aborted;
}

function ended({ signal }: VerbContext, answer: Answer): Answer {
  return signal.aborted ? { ...answer, exit: "interrupted" } : answer;
}

async function untilNews(context: VerbContext, wake: string | null): Promise<void> {
  const opening = await context.open(context.start, () => undefined);
  if (!opening.ok) return;
  const { engine } = opening;
  const before = fingerprint(engine);
  const over = AbortSignal.any([context.signal, context.unheard]);
  while (!over.aborted && fingerprint(engine) === before) {
    if (wake !== null && msBetween(context.clock(), wake) <= 0) break;
    await sleep(WATCH_POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
  await engine.store.close();
}

function fingerprint({ repository }: Engine): string {
  return JSON.stringify([...readRefs(repository)]);
}

function answerOf(context: VerbContext, tick: Tick, detailed: boolean): Answer {
  const { end, view, plan } = tick;
  if (view === null && plan !== null) {
    return restedAnswer({ ...tick, plan }, context.look, detailed);
  }
  if (end.kind === "raced" && view === null) {
    return refused("lost", end.detail, "fettle doctor   says more; then reconcile again");
  }
  if (view === null || plan === null) {
    const [error] = tick.violations.filter(({ severity }) => severity === "error");
    const message =
      error === undefined
        ? "there is no usable fettle.yaml on main"
        : `${error.file}:${error.line}:${error.col} ${error.message}`;
    return refused("invalid", message, "fettle validate");
  }
  const look = { ...context.look, now: context.clock() };
  const { workspace, observed } = view;
  const status = renderStatus({ workspace, observed, plan }, look);
  return {
    exit: exitOf(tick, detailed),
    text: renderTick({ booked: tick.booked, end, holds: tick.holds, status }, look),
    json: { kind: "summary", end, booked: tick.booked, holds: tick.holds, nextWake: plan.nextWake },
  };
}

function exitOf({ end, holds, booked }: Tick, detailed: boolean): ExitName {
  switch (end.kind) {
    case "interrupted":
      return "interrupted";
    case "invalid":
      return "invalid";
    case "raced":
      return "lost";
    case "unpublished":
      return "temporary";
    case "settled":
      if (!detailed) return "ok";
      if (holds.some(({ reason }) => reason === "awaiting-approval")) return "waiting";
      return booked > 0 ? "changes" : "ok";
  }
}
