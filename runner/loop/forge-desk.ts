/** What the forge shows of the open gates: asked once a tick, and only where there is something to ask about. */
import type { Hold } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { ForgeAccount } from "#runner/core/forge/forge-facts.ts";
import { forgePlace, type ForgePlace } from "#runner/core/forge/forge-place.ts";
import { emailOfAccount } from "#runner/core/forge/operator-account.ts";
import {
  remarkedBy,
  reviewsIn,
  spokenOn,
  type Floor,
  type Spoken,
} from "#runner/core/forge/spoken.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { Forge, PullFacts, Told } from "#runner/forge/port.ts";
import type { Cache } from "#runner/repo/cache.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { GateRecord, Operator } from "#runner/schema/types.gen.ts";
import { authorityRefs } from "./follow-authority.ts";
import { cutOf } from "./briefing-cut.ts";
import { forgeHold, UNHELD_HOLD } from "./forge-hold.ts";
import type { Eyes } from "./look.ts";
import { readFolder } from "./state-files.ts";

/** Builds the forge at a place; null where no token is held. */
export interface ForgeAccess {
  readonly open: (place: ForgePlace) => Forge | null;
  readonly isHeld: boolean;
  /** Root of the API that the surroundings name. */
  readonly api: string | null;
}

/** A pull request with what was said there. */
export interface SeenPull extends PullFacts {
  readonly spoken: readonly Spoken[];
  /** Who has said last what may be an objection; null: nobody. */
  readonly remarkedBy: string | null;
  /** Something has happened to it since it was looked at last. */
  readonly isNew: boolean;
}

/** The head of a branch, and the gates that it proposes. */
export interface PullHead {
  readonly branch: string;
  readonly commit: string;
  readonly number: number;
  readonly gates: readonly Pick<GateRecord, "id" | "run">[];
}

/** By branch; reviews of whoever may not write are left out. */
export type Pulls = ReadonlyMap<string, SeenPull>;

export interface ForgeSeen {
  /** null: there is none. */
  readonly forge: Forge | null;
  /** Why git's facts alone decide; null where the forge has answered. */
  readonly hold: Hold | null;
  /** What was seen, in short. */
  readonly print: string;
  /** Every open gate has its pull request. */
  readonly isWhole: boolean;
}

export const NO_FORGE: ForgeSeen = { forge: null, hold: null, print: "", isWhole: true };
const KEY = "forge-pulls-1";

interface Kept {
  readonly facts: PullFacts;
  /** Operators that may write, by login. */
  readonly writers: readonly string[];
}

export class ForgeDesk {
  readonly #access: ForgeAccess;
  readonly #cache: Cache;
  #pulls: Pulls = new Map();
  #gates: readonly GateRecord[] = [];
  /** `silent`: there is one, and what it shows is not known. */
  #sight: "none" | "silent" | "seen" = "none";

  constructor(access: ForgeAccess, cache: Cache) {
    this.#access = access;
    this.#cache = cache;
  }

  /** As they were seen last; none while the forge does not answer. */
  get pulls(): Pulls {
    return this.#pulls;
  }

  /** Heads of the pull requests that there were, with the gates that were open on state then. */
  get heads(): readonly PullHead[] {
    return [...this.#pulls].map(([branch, { head: commit, number }]) => {
      const gates = this.#gates.filter((gate) => gate.branch === branch);
      return { branch, commit, number, gates: gates.map(({ id, run }) => ({ id, run })) };
    });
  }

  /** The next look asks for everything again. */
  async forget(): Promise<void> {
    await this.#cache.put(KEY, []);
  }

  /** Whether an objection to what the branch proposes may stand on the forge that no decision heeds yet. */
  isUnheard(branch: string): boolean {
    if (this.#sight !== "seen") return this.#sight === "silent";
    return !this.#pulls.has(branch);
  }

  /** The forge of main's settings; null where there is none. */
  async forge(eyes: Pick<Eyes, "repository" | "manifests">): Promise<Forge | null> {
    const place = this.#access.isHeld ? await this.#place(eyes) : null;
    return place === null ? null : this.#access.open(place);
  }

  async #place({
    repository,
    manifests,
  }: Pick<Eyes, "repository" | "manifests">): Promise<ForgePlace | null> {
    const { origin } = repository;
    const main = authorityRefs(repository).get(MAIN);
    if (origin === null || main === undefined) return null;
    const settings = (await manifests.settingsAt(main))?.value ?? null;
    return settings === null ? null : forgePlace(settings.forge, origin.url, this.#access.api);
  }

  /** Asks for the pull requests of the gates that are open on state. */
  async see(eyes: Eyes, signal: AbortSignal): Promise<ForgeSeen> {
    this.#pulls = new Map();
    this.#gates = [];
    this.#sight = "none";
    // Whoever has no forge pays nothing for it.
    if (eyes.repository.origin === null) return NO_FORGE;
    const gates = [...(await readFolder(eyes.store, "gates", records.gate)).values()];
    if (!this.#access.isHeld) return this.#unheld(eyes, gates);
    const forge = gates.length === 0 ? null : await this.forge(eyes);
    // A tick that no token was held in has told nobody anything.
    if (forge === null) return { ...NO_FORGE, print: "held" };
    this.#sight = "silent";
    const branches = gates.map(({ branch }) => branch);
    const told = await this.#ask(eyes, { forge, gates }, signal);
    if (!told.ok) return { forge, hold: forgeHold(told), print: "away", isWhole: true };
    this.#sight = "seen";
    this.#pulls = told.value;
    this.#gates = gates;
    const seen = [...told.value].map(([branch, { version }]) => [branch, version]);
    const isWhole = branches.every((branch) => told.value.has(branch));
    return { forge, hold: null, print: digestOf(seen), isWhole };
  }

  /** Without a token branches decide; only what goes on by itself would need the forge's silence. */
  async #unheld(eyes: Eyes, gates: readonly GateRecord[]): Promise<ForgeSeen> {
    const isWaiting = gates.some(({ vetoUntil }) => vetoUntil !== undefined);
    if (!isWaiting || (await this.#place(eyes)) === null) return NO_FORGE;
    this.#sight = "silent";
    return { ...NO_FORGE, hold: UNHELD_HOLD };
  }

  async #ask(
    { repository, manifests, store: { reader } }: Eyes,
    { forge, gates }: { readonly forge: Forge; readonly gates: readonly GateRecord[] },
    signal: AbortSignal,
  ): Promise<Told<Pulls>> {
    const kept = keptOf(await this.#cache.get(KEY));
    const known = new Map([...kept].map(([branch, { facts }]) => [branch, facts]));
    // A briefing is one pull request, whatever it holds.
    const proposals = Map.groupBy(gates, ({ branch }) => branch);
    const told = await forge.observe({ branches: [...proposals.keys()], known }, signal);
    if (!told.ok) return told;
    const main = authorityRefs(repository).get(MAIN) ?? "";
    const operators = (await manifests.settingsAt(main))?.value?.operators ?? [];
    const pulls: [string, Entry][] = [];
    for (const [branch, shown] of proposals) {
      const facts = told.value.get(branch);
      if (facts === undefined) continue;
      const cut = await cutOf(reader, shown, facts.head);
      const seen = { gates: shown, facts, cut, before: kept.get(branch), operators };
      const entry = await entryOf(forge, seen, signal);
      if (!entry.ok) return entry;
      pulls.push([branch, entry.value]);
    }
    await this.#keep(pulls, kept.size);
    return { ok: true, value: new Map(pulls.map(([branch, { pull }]) => [branch, pull])) };
  }

  /** Where nothing is new, nothing is written. */
  async #keep(pulls: readonly (readonly [string, Entry])[], known: number): Promise<void> {
    const isSame = pulls.length === known && pulls.every(([, { pull }]) => !pull.isNew);
    if (isSame) return;
    const kept = pulls.map(([branch, { facts, writers }]) => [branch, { facts, writers }]);
    await this.#cache.put(KEY, kept);
  }
}

interface Entry extends Kept {
  readonly pull: SeenPull;
}

interface SeenNow {
  /** Those that it shows. */
  readonly gates: readonly GateRecord[];
  readonly facts: PullFacts;
  readonly cut: Floor["cut"];
  readonly before: Kept | undefined;
  readonly operators: readonly Operator[];
}

async function entryOf(forge: Forge, seen: SeenNow, signal: AbortSignal): Promise<Told<Entry>> {
  const { facts, before, operators } = seen;
  const isNew = before?.facts !== facts;
  const writers = isNew
    ? await writersOf(forge, { facts, operators }, signal)
    : { ok: true as const, value: before.writers };
  if (!writers.ok) return writers;
  const kept = { facts, writers: writers.value };
  const pull = { ...wordsOf(kept, seen), isNew };
  return { ok: true, value: { ...kept, pull } };
}

/** Written by this program alone. */
function keptOf(value: unknown): ReadonlyMap<string, Kept> {
  return new Map(isKept(value) ? value : []);
}

function isKept(value: unknown): value is readonly (readonly [string, Kept])[] {
  return Array.isArray(value);
}

/** Operators who have said something there: whether they may write is the forge's to tell. */
async function writersOf(
  forge: Forge,
  { facts, operators }: { readonly facts: PullFacts; readonly operators: readonly Operator[] },
  signal: AbortSignal,
): Promise<Told<readonly string[]>> {
  const speakers = [...facts.reviews, ...facts.comments, facts.closedBy].filter(
    (account) => account !== null,
  );
  const logins = speakers
    .filter((account) => emailOfAccount(operators, account) !== null)
    .map(({ login }) => login);
  const writers: string[] = [];
  for (const login of new Set(logins)) {
    const may = await forge.mayWrite(login, signal);
    if (!may.ok) return may;
    if (may.value) writers.push(login);
  }
  return { ok: true, value: writers };
}

/** Who may not write has no say; a stranger is told as one. An approval in a comment is a review. */
function wordsOf(
  { facts, writers }: Kept,
  { gates, cut, operators }: SeenNow,
): Omit<SeenPull, "isNew"> {
  const counts = ({ login }: ForgeAccount): boolean => writers.includes(login);
  const { closedBy, reviews, comments: remarks, head } = facts;
  const isOperator = closedBy !== null && emailOfAccount(operators, closedBy) !== null;
  const gate = { head: gates[0]?.head ?? "", places: placesOf(gates) };
  const spoken = spokenOn({ gate, head, cut, remarks, operators, writers });
  return {
    ...facts,
    spoken,
    remarkedBy: remarkedBy({ remarks, reviews, operators }),
    closedBy: isOperator && !counts(closedBy) ? null : closedBy,
    reviews: [...reviews.filter(counts), ...reviewsIn(spoken, head)].toSorted((a, b) =>
      a.at < b.at ? -1 : 1,
    ),
  };
}

function placesOf(gates: readonly GateRecord[]): readonly number[] | null {
  const places = gates.flatMap(({ briefing }) => briefing?.place ?? []);
  return places.length === 0 ? null : places;
}
