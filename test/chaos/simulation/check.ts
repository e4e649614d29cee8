/** What must be true of the history whatever has happened; each violation as a sentence. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { MAILS_A_DAY, SLOW } from "./company.ts";
import type { World } from "./world.ts";

export function violations(world: World): readonly string[] {
  const { history } = world.remote;
  return [
    ...doubledEffects(world),
    ...doubledResults(history),
    ...unintendedEffects(world),
    ...exceededCaps(history),
    ...contradictedEffects(world),
    ...doubledRuns(history),
    ...mixedResults(history),
    ...replacedEffects(history),
    ...hastyWaits(history),
  ];
}

/** What was made from outputs that are not the recorded ones: two executions have been mixed in one run. */
function mixedResults(history: readonly Transaction[]): readonly string[] {
  const marks = new Map<string, unknown>();
  return history.flatMap(({ event, values }) => {
    if (event.kind !== "step-finished") return [];
    const outputs = [...values.values()].filter((value) => typeof value === "object");
    for (const value of outputs) {
      if (value !== null && "mark" in value && event.step === "find")
        marks.set(event.run, value.mark);
    }
    const isMixed = outputs.some(
      (value) =>
        event.step === "draft" &&
        value !== null &&
        "madeFrom" in value &&
        value.madeFrom !== marks.get(event.run),
    );
    return isMixed ? [`a draft of ${event.run} was made from a list that is not recorded`] : [];
  });
}

/** Only a run that has not begun to act may be replaced; nobody calls one off here. */
function replacedEffects(history: readonly Transaction[]): readonly string[] {
  const acting = new Set<string>();
  return history.flatMap(({ event }) => {
    if (event.kind === "effect-intended") acting.add(event.run);
    const isReplaced = event.kind === "run-finished" && event.result === "cancelled";
    return isReplaced && acting.has(event.run) ? [`${event.run} was replaced half-way`] : [];
  });
}

/** A wait ends when its time has come, and before what needs it begins. */
function hastyWaits(history: readonly Transaction[]): readonly string[] {
  const waited = new Set<string>();
  return history.flatMap(({ event }) => {
    if (event.kind === "wait-ended") {
      waited.add(event.run);
      return (event.until ?? "") <= event.at ? [] : [`${event.run} waited too short a time`];
    }
    const isHasty = event.kind === "effect-intended" && event.run.startsWith(`${SLOW}.`);
    return isHasty && !waited.has(event.run) ? [`${event.run} did not wait`] : [];
  });
}

function repeated(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}

function doubledEffects({ effects }: World): readonly string[] {
  return repeated(effects).map((key) => `the effect ${key} was carried out twice`);
}

function doubledResults(history: readonly Transaction[]): readonly string[] {
  const results = history.flatMap(({ event }) =>
    event.kind === "step-finished"
      ? [`${event.run} ${event.step} ${event.item ?? ""} ${event.attempt}`]
      : [],
  );
  return repeated(results).map((unit) => `the result of ${unit} was recorded twice`);
}

function doubledRuns(history: readonly Transaction[]): readonly string[] {
  const [started, ended] = (["run-started", "run-finished"] as const).map((kind) =>
    history.flatMap(({ event }) => (event.kind === kind ? [event.run] : [])),
  );
  return [
    ...repeated(started ?? []).map((run) => `run ${run} was started twice`),
    ...repeated(ended ?? []).map((run) => `run ${run} was ended twice`),
  ];
}

function unintendedEffects({ effects, remote }: World): readonly string[] {
  const intended = new Set(
    remote.history.flatMap(({ event }) =>
      event.kind === "effect-intended" ? [event.effect.key] : [],
    ),
  );
  return effects
    .filter((key) => !intended.has(key))
    .map((key) => `the effect ${key} was carried out without a published intent`);
}

function exceededCaps(history: readonly Transaction[]): readonly string[] {
  const days = Map.groupBy(
    history.flatMap(({ event }) => (event.kind === "effect-intended" ? [event] : [])),
    ({ at }) => at.slice(0, 10),
  );
  return [...days]
    .filter(([, intents]) => intents.length > MAILS_A_DAY)
    .map(([day, intents]) => `${intents.length} mails were permitted on ${day}`);
}

/** A receipt that says "happened" for what never did, or a free ordinal for what did. */
function contradictedEffects({ effects, remote }: World): readonly string[] {
  const done = new Set(effects);
  return [...remote.history].flatMap(({ event }) => {
    if (event.kind !== "step-finished" || event.effect === null) return [];
    const isClaimed = event.outcome === "succeeded";
    return isClaimed && !done.has(event.effect.key)
      ? [`the effect ${event.effect.key} is recorded and was never carried out`]
      : [];
  });
}
