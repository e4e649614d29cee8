/** `fettle reconcile --watch`: ticks whenever something has moved or a due time has come. */
import { setTimeout as sleep } from "node:timers/promises";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import type { ExitName } from "#runner/core/exit-code.ts";
import { fingerprintOf } from "#runner/loop/no-op.ts";
import type { Around } from "./reconcile.ts";
import type { Answer, VerbContext } from "./verb.ts";

const POLL_MS = 500;
const RETRY_MS = 60_000;
/** What may be over in a minute: no connection, another runner, a state that another clone puts back. */
const TROUBLED: ReadonlySet<ExitName> = new Set(["temporary", "lost", "refused"]);

/** Ends with a signal, when nobody reads its output any more, or when there is nothing to watch. */
export async function watch(
  context: VerbContext,
  turn: (around: Around) => Promise<Answer>,
): Promise<Answer> {
  let told = false;
  for (;;) {
    let rest: Rest | null = null;
    const answer = await turn(async (engine, tick) => {
      const fingerprint = (): string => fingerprintOf(engine.repository);
      const before = fingerprint();
      const { answer: ticked, nextWake } = await tick();
      const until = TROUBLED.has(ticked.exit) ? soonest(context, nextWake) : nextWake;
      rest = { before, fingerprint, until };
      return ticked;
    });
    if (answer.exit === "usage") return answer;
    if (isOver(context)) return ended(context, answer);
    if (answer.problem !== undefined) context.notice(answer.problem);
    if (!told) context.notice("watching main; Ctrl-C ends it");
    told = true;
    if (rest !== null) await untilNews(context, rest);
    if (isOver(context)) return ended(context, answer);
  }
}

/** The refs as the tick found them: what the tick itself moved is news too, so nothing that came meanwhile is missed. */
interface Rest {
  readonly before: string;
  readonly fingerprint: () => string;
  readonly until: string | null;
}

async function untilNews(context: VerbContext, rest: Rest): Promise<void> {
  const over = AbortSignal.any([context.signal, context.unheard]);
  while (!over.aborted && rest.fingerprint() === rest.before) {
    if (rest.until !== null && msBetween(context.clock(), rest.until) <= 0) return;
    await sleep(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

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
