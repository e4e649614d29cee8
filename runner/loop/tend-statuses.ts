/** The commit at the head of each gate's branch says how the gate stands. */
import type { Plan } from "#runner/core/action.ts";
import { openWord, settledWord, type BranchWord } from "#runner/core/branch-word.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { troubleOf } from "#runner/core/gate/gate-answer.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Forge, Told } from "#runner/forge/port.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { readRunsSince } from "./closed-runs.ts";
import type { Engine, View } from "./engine.ts";
import type { PullHead } from "./forge-desk.ts";

export interface StatusFacts {
  readonly view: View;
  readonly plan: Plan;
  /** Pull requests by branch. */
  readonly pulls: ReadonlyMap<string, number>;
}

interface Telling {
  readonly forge: Forge;
  readonly signal: AbortSignal;
}

/** What was said last; a cache, free to be deleted. */
interface Said extends PullHead {
  readonly digest: string;
}

const KEY = "forge-statuses-1";
const CONTEXT = "fettle/gate";

/** Each word once for each head; GitHub is asked, and told, only where it is another one than the last. */
export async function tendStatuses(
  engine: Engine,
  facts: StatusFacts,
  telling: Telling,
): Promise<Told<unknown>> {
  const before = new Map(saidIn(await engine.cache.get(KEY)).map((said) => [said.branch, said]));
  const open = openHeads(engine, facts);
  const kept: Said[] = [];
  for (const { head, word } of open) {
    const said = { ...head, digest: digestOf([head.commit, word]) };
    const told = await sayOnce(said, word, { ...telling, before });
    if (!told.ok) return told;
    kept.push(said);
  }
  const branches = new Set(open.map(({ head }) => head.branch));
  const settled = await settledHeads(engine, facts, { before, open: branches });
  for (const { head, word } of settled) {
    const told = await sayOnce({ ...head, digest: "" }, word, { ...telling, before });
    if (!told.ok) return told;
  }
  if (digestOf(kept) !== digestOf([...before.values()])) await engine.cache.put(KEY, kept);
  return { ok: true, value: null };
}

interface Saying extends Telling {
  readonly before: ReadonlyMap<string, Said>;
}

async function sayOnce(
  { branch, commit, number, digest }: Said,
  word: BranchWord,
  { forge, signal, before }: Saying,
): Promise<Told<unknown>> {
  if (before.get(branch)?.digest === digest) return { ok: true, value: null };
  return forge.sayOf(commit, { ...word, context: CONTEXT, number }, signal);
}

interface Worded {
  readonly head: PullHead;
  readonly word: BranchWord;
}

function openHeads(engine: Engine, { view, plan, pulls }: StatusFacts): readonly Worded[] {
  const { observed, workspace } = view;
  const byBranch = Map.groupBy(observed.gates.values(), ({ record }) => record.branch);
  return [...byBranch].flatMap(([branch, gates]) => {
    const number = pulls.get(branch);
    const commit = engine.forge.pulls.get(branch)?.head ?? gates[0]?.record.head;
    if (number === undefined || commit === undefined) return [];
    const standing = gates.map(({ record }) => ({ record, trouble: troubleOf(plan, record) }));
    const word = openWord(standing, timezoneOf(workspace.settings));
    return [{ head: { branch, commit, number, gates: namesOf(gates) }, word }];
  });
}

function namesOf(gates: readonly { readonly record: GateRecord }[]): PullHead["gates"] {
  return gates.map(({ record: { id, run } }) => ({ id, run }));
}

interface Known {
  readonly before: ReadonlyMap<string, Said>;
  readonly open: ReadonlySet<string>;
}

/** Branches whose gates were open when this tick began, or when GitHub was told last, and are settled. */
async function settledHeads(
  engine: Engine,
  { view }: StatusFacts,
  { before, open }: Known,
): Promise<readonly Worded[]> {
  const seen = engine.forge.heads.filter(({ branch }) => !open.has(branch));
  const known = new Set(seen.map(({ branch }) => branch));
  const missed = [...before.values()].filter(
    ({ branch }) => !open.has(branch) && !known.has(branch),
  );
  const gone: readonly PullHead[] = [...seen, ...missed];
  if (gone.length === 0) return [];
  const ended = await readRunsSince(engine.store, addMs(engine.clock(), -2 * DAY_MS));
  const decided = [
    ...[...view.observed.runs.values()].flatMap(({ decisions }) => decisions),
    ...ended.flatMap(({ gates }) => gates),
  ];
  return gone.flatMap((head) => {
    const ids = new Set(head.gates.map(({ id }) => id));
    const word = settledWord(decided.filter(({ gate }) => gate !== null && ids.has(gate)));
    return word === null ? [] : [{ head, word }];
  });
}

/** Written by this program alone. */
function saidIn(value: unknown): readonly Said[] {
  return isSaid(value) ? value : [];
}

function isSaid(value: unknown): value is readonly Said[] {
  return Array.isArray(value);
}
