/** What attempts cited, what they left in memory, and what was not taken in and why. */
import { foldList, text, type Fact } from "#runner/core/explanation.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

const REFUSALS_SHOWN = 10;

export function learnedFacts(attempts: readonly AttemptRecord[]): Fact[] {
  const memory = attempts.map((attempt) => attempt.memory);
  const proposed = new Set(memory.flatMap((one) => one.proposed ?? []));
  const learned = memory.flatMap(({ admitted }) => admitted).filter((id) => !proposed.has(id));
  return [
    ...listed("cited", new Set(memory.flatMap(({ cited = [] }) => cited))),
    ...listed("cited, not given", new Set(memory.flatMap(({ notGiven = [] }) => notGiven))),
    ...listed("learned", new Set(learned)),
    ...listed("proposed to you", proposed),
    ...listed("confirmed", new Set(memory.flatMap(({ confirmed = [] }) => confirmed))),
    ...refusals(memory.flatMap(({ refused }) => refused)),
  ];
}

function listed(label: string, ids: ReadonlySet<string>): Fact[] {
  return ids.size === 0 ? [] : [text(label, foldList([...ids]))];
}

function refusals(refused: AttemptRecord["memory"]["refused"]): Fact[] {
  const shown = refused
    .slice(0, REFUSALS_SHOWN)
    .map(({ subject, reason }) => text("not remembered", `${subject}: ${reason}`));
  const more = refused.length - shown.length;
  return more > 0 ? [...shown, text("and", `${more} more`)] : shown;
}
