/** The forge's part of a tick: what it shows before the plan, and what it is told after it. */
import type { Hold, Plan } from "#runner/core/action.ts";
import { endorsedGates } from "#runner/core/gate/endorsed.ts";
import { givenReviews, staleWords } from "#runner/core/gate/given-review.ts";
import { spokenWords } from "#runner/core/forge/spoken-words.ts";
import { askedIn, carryAsked, type Asked } from "./asked-in-comment.ts";
import { cutBriefing } from "./briefing-cut.ts";
import type { Engine, View } from "./engine.ts";
import type { Forge, Told } from "#runner/forge/port.ts";
import { NO_FORGE, type ForgeSeen } from "./forge-desk.ts";
import { forgeHold, shownHold } from "./forge-hold.ts";
import { ForgeTold } from "./forge-told.ts";
import { shownGates } from "./shown-gates.ts";
import { tendDashboard } from "./tend-dashboard.ts";
import { tendPulls } from "./tend-pulls.ts";
import { tendStatuses } from "./tend-statuses.ts";
import type { Tick } from "./tick-end.ts";
import { unlessStopped } from "./unless-stopped.ts";

/** Where the origin cannot be reached, what the forge shows is not asked for: it would be ahead of git. */
export async function seeForge(
  engine: Engine,
  { isAway }: { readonly isAway: boolean },
  signal: AbortSignal,
): Promise<ForgeSeen> {
  if (isAway) return NO_FORGE;
  return (await unlessStopped(signal, () => engine.forge.see(engine, signal))) ?? NO_FORGE;
}

interface Hearing {
  readonly seen: ForgeSeen;
  readonly signal: AbortSignal;
}

/** Does what operators have said on the forge: merges what they have approved, as they saw it, and asks for what they ask for. True when something has changed. */
export async function carryWords(engine: Engine, view: View, hearing: Hearing): Promise<boolean> {
  const { forge, hold } = hearing.seen;
  if (forge === null || hold !== null) return false;
  const asked = await askedIn(engine, view);
  await answerAll(engine, view, { ...hearing, forge, asked });
  const hasCut = await cutAll(engine, view, hearing);
  const hasMerged = await mergeEndorsed(engine, view, { ...hearing, forge });
  const hasAsked = await carryAsked(engine, view, { asked, signal: hearing.signal });
  return hasCut || hasMerged || hasAsked;
}

interface Carrying extends Hearing {
  readonly forge: Forge;
}

/** Before anything is done: afterwards a gate may be settled, and nobody looks there any more. */
async function answerAll(
  engine: Engine,
  { observed, workspace }: View,
  { forge, asked, signal }: Carrying & { readonly asked: readonly Asked[] },
): Promise<void> {
  const replies = new Map(
    asked.flatMap(({ comment, reply }) => (reply === null ? [] : [[comment, reply] as const])),
  );
  for (const { pull, gates } of shownGates(engine, observed)) {
    const given = pull.state === "open" ? givenReviews(pull, workspace.settings.operators) : [];
    const lines = [
      ...spokenWords(pull.spoken, { gates, replies }),
      ...staleWords(given, pull.head),
    ];
    if (!pull.isNew || lines.length === 0) continue;
    const note = { key: "answers", text: lines.join("\n") };
    const noted = await unlessStopped(signal, () => forge.note(pull.number, note, signal));
    if (noted?.ok !== true) await engine.forge.forget();
  }
}

/** What a briefing is approved without is rejected on its branch; then it is seen anew, and merged as it is. */
async function cutAll(engine: Engine, { observed }: View, { signal }: Hearing): Promise<boolean> {
  let hasCut = false;
  for (const { pull, gates } of shownGates(engine, observed)) {
    for (const { verdict, command, by } of pull.spoken) {
      if (verdict !== "cutting" || command.kind !== "approve-but" || by === null) continue;
      const out = gates.filter(({ briefing }) => command.except.includes(briefing?.place ?? 0));
      const cut = { head: pull.head, gates: out, by };
      if ((await unlessStopped(signal, () => cutBriefing(engine, cut, signal))) === true)
        hasCut = true;
    }
  }
  return hasCut;
}

async function mergeEndorsed(
  engine: Engine,
  view: View,
  { forge, signal }: Carrying,
): Promise<boolean> {
  const endorsed = endorsedGates(view.workspace, view.observed, engine.clock());
  let hasMoved = false;
  for (const { gate, head, by } of endorsed) {
    const pull = engine.forge.pulls.get(gate.branch);
    if (pull === undefined) continue;
    const message = `Approve: ${gate.title}\n\nFettle-Gate: ${gate.id}\nFettle-Approved-By: ${by}\n`;
    const merged = await unlessStopped(signal, () =>
      forge.merge(pull.number, { head, message }, signal),
    );
    if (merged?.ok !== true || merged.value.kind !== "merged") continue;
    hasMoved = true;
  }
  return hasMoved;
}

interface Ended extends Pick<Tick, "end" | "plan" | "view"> {
  /** The origin could not be reached. */
  readonly isAway: boolean;
}

/** `isWhole`: the forge says all that it should; else the next tick must not rest. */
export interface ToldForge {
  readonly holds: readonly Hold[];
  readonly isWhole: boolean;
}

const WHOLE: ToldForge = { holds: [], isWhole: true };

/** Only what is published is told. */
export async function tellForge(
  engine: Engine,
  { end, plan, view, isAway }: Ended,
  { seen, signal }: { readonly seen: ForgeSeen; readonly signal: AbortSignal },
): Promise<ToldForge> {
  if (seen.hold !== null) return { holds: [seen.hold], isWhole: true };
  if (end.kind !== "settled" || plan === null || view === null || isAway) return WHOLE;
  const told = await unlessStopped(signal, () => tellAll(engine, { plan, view }, signal));
  return told ?? { holds: [], isWhole: false };
}

async function tellAll(
  engine: Engine,
  { plan, view }: { readonly plan: Plan; readonly view: View },
  signal: AbortSignal,
): Promise<ToldForge> {
  const forge = engine.repository.origin === null ? null : await engine.forge.forge(engine);
  if (forge === null) return WHOLE;
  const told = await ForgeTold.open(engine.cache);
  const tended = await tendPulls({ engine, view, forge, signal });
  if (!tended.ok) return { holds: [forgeHold(tended)], isWhole: false };
  const facts = { view, plan, pulls: tended.value };
  const said = await tendStatuses(engine, facts, { forge, signal });
  const kept = await tendDashboard(engine, facts, { forge, told, signal });
  await told.keep();
  return {
    holds: [
      ...(said.ok ? [] : [shownHold("statuses", said)]),
      ...(kept.ok ? [] : [shownHold("dashboard", kept)]),
    ],
    isWhole: isSettled(said) && isSettled(kept),
  };
}

/** What GitHub will not do it will not do the next time either. */
function isSettled(told: Told<unknown>): boolean {
  return told.ok || told.reason === "refused";
}
