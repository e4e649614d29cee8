/** Whether a clock was ahead when something was recorded, for `fettle doctor`. */
import { localTime } from "#runner/core/time/calendar.ts";
import { isSaid } from "#runner/core/clock-lead.ts";
import { catchUp } from "#runner/loop/follow-authority.ts";
import { clockLeads, setClockRight, type Leads } from "#runner/loop/set-clock-right.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { look, type Seen } from "#runner/loop/look.ts";
import { listed } from "#runner/report/words.ts";
import { ok, type Check } from "./check.ts";

const MOST_NAMED = 5;

export async function clockCheck(engine: Engine, seen: Seen): Promise<Check> {
  const found = await clockLeads(engine, seen);
  if (found === null) return ok("nothing is recorded in the future");
  const what = `recorded in the future, for here it is ${found.present.at}: ${leadWords(found)}`;
  if (found.mainAt !== null) {
    const fix = `set the clock of this machine: main was committed at ${found.mainAt}`;
    return { status: "problem", what, fix };
  }
  return {
    status: "problem",
    what,
    fix: `${SAY_IT}; what open runs wait for and receipts of effects keep their times`,
  };
}

/** A clock that is behind would take back what is right, and free what is used up: somebody must say the time. */
const SAY_IT =
  'where the clock of this machine is right: fettle doctor --repair --now "<the day and time on your watch>"   takes that back to now';

function leadWords({ leads }: Leads): string {
  return listed(
    leads.map(({ what, until }) => `${what} (${until})`),
    MOST_NAMED,
  );
}

/** Under the runner's lock, on the newest state. */
export async function repairClock(
  engine: Engine,
  said: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const caught = await catchUp(engine, signal);
  if (caught.kind === "conflict" || caught.kind === "raced") return [];
  const seen = await look(engine);
  const found = await clockLeads(engine, seen);
  if (found === null || found.mainAt !== null || said === null) return [];
  const { present, timezone } = found;
  if (!isSaid(present.at, timezone, said)) {
    const here = `${present.day} ${localTime(present.at, timezone)} (${timezone})`;
    return [`nothing is taken back: here it is ${here}, and you say "${said}"`];
  }
  const { observed } = seen;
  const failure = await setClockRight(engine, { observed, present }, signal);
  const words = leadWords(found);
  return failure === null
    ? [`taken back to ${present.at}: ${words}`]
    : [`not taken back (${failure}): ${words}`];
}
