/** `fettle reconcile --watch`: ticks whenever something has moved here or a due time has come, and looks at the origin every minute. */
import { setTimeout as sleep } from "node:timers/promises";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import type { ExitName } from "#runner/core/exit-code.ts";
import { fingerprintOf } from "#runner/loop/no-op.ts";
import type { Around } from "./reconcile.ts";
import type { Answer, VerbContext } from "./verb.ts";

const POLL_MS = 500;
/** What is pushed moves nothing here, and troubles may be over by then. */
const AGAIN_MS = 60_000;
/** What may be over in a minute: no connection, another runner, a state that another clone puts back. */
const TROUBLED: ReadonlySet<ExitName> = new Set(["temporary", "lost", "refused"]);

type Watching = Pick<VerbContext, "clock" | "notice" | "signal" | "unheard">;

/** Ends with a signal, when nobody reads its output any more, or when there is nothing to watch. */
export async function watch(
  context: Watching,
  turn: (around: Around) => Promise<Answer>,
): Promise<Answer> {
  let told = false;
  for (;;) {
    let rest: Rest | null = null;
    const answer = await turn(async (engine, tick) => {
      const fingerprint = (): string => fingerprintOf(engine.repository);
      const before = fingerprint();
      const { answer: ticked, nextWake } = await tick();
      const isElsewhere = engine.repository.origin !== null || TROUBLED.has(ticked.exit);
      const until = isElsewhere ? soonest(context, nextWake) : nextWake;
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

async function untilNews(context: Watching, rest: Rest): Promise<void> {
  const over = AbortSignal.any([context.signal, context.unheard]);
  while (!over.aborted && rest.fingerprint() === rest.before) {
    if (rest.until !== null && msBetween(context.clock(), rest.until) <= 0) return;
    await sleep(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function soonest({ clock }: Watching, wake: string | null): string {
  const again = addMs(clock(), AGAIN_MS);
  return wake !== null && wake < again ? wake : again;
}

function isOver({ signal, unheard }: Watching): boolean {
  return signal.aborted || unheard.aborted;
}

function ended({ signal }: Watching, answer: Answer): Answer {
  return signal.aborted ? { ...answer, exit: "interrupted" } : answer;
}
