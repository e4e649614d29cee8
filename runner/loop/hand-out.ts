/** Hands the steps that are ready to lanes: packs them, permits them, and writes what each lane needs into a folder. */
import type { StepStart } from "#runner/core/action.ts";
import { type LaneWait, laneWait } from "#runner/core/lane/actions-minutes.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { packLanes } from "#runner/core/lane/lane-pack.ts";
import {
  type LaneItem,
  lanePlanOf,
  type LanePlanFile,
  parcelOf,
  planId,
} from "#runner/core/lane/lane-plan.ts";
import { laneSecrets } from "#runner/core/lane/lane-secrets.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { claimsForPlan } from "#runner/protocol/lane-claim.ts";
import { executeStep } from "./carry-step.ts";
import type { Engine, View } from "./engine.ts";
import type { Hands, Offer } from "./hands.ts";
import { prepare } from "./invocation-of.ts";
import { writeLanes } from "./lane-folder.ts";
import { pack, type Packed } from "./packed-invocation.ts";
import { permitsFor } from "./permit.ts";
import { pricesAt } from "./price-table.ts";
import { Remembered } from "./remembered.ts";
import { NEVER } from "./unless-stopped.ts";

export interface HandOutOptions {
  /** Folder that the files are written to. */
  readonly out: string;
  /** At most so many lanes. */
  readonly mostLanes: number;
  /** For prices that the workspace does not have. */
  readonly programFolder: string;
  /** In GitHub Actions, where machines are paid for. */
  readonly isBilled: boolean;
}

/** What was handed over. */
export interface HandedOut extends LanePlanFile {
  /** Steps that are ready and wait for the next wave. */
  readonly overflow: number;
}

export class HandOut implements Hands {
  readonly #engine: Engine;
  readonly #options: HandOutOptions;
  #handed: HandedOut | null = null;
  #wait: LaneWait | null = null;

  constructor(engine: Engine, options: HandOutOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** null where nothing was ready. */
  get handed(): HandedOut | null {
    return this.#handed;
  }

  /** Why nothing was handed over though it is ready. */
  get wait(): LaneWait | null {
    return this.#wait;
  }

  get working(): ReadonlySet<string> {
    return new Set(this.#handed?.plan.units.map(({ start }) => unitKey(start)));
  }

  results(): Promise<readonly Transaction[]> {
    return Promise.resolve([]);
  }

  readonly release = (): null => null;

  async offer(view: View, starts: readonly StepStart[]): Promise<Offer | undefined> {
    if (this.#handed !== null || this.#isSpared(view, starts)) return undefined;
    const readied = await Promise.all(starts.map((start) => this.#ready(view, start)));
    const parcels = readied.filter((one) => "packed" in one);
    const unfit = readied.flatMap((one) => ("packed" in one ? [] : [one.start]));
    const { lanes, overflow } = packLanes(parcels, this.#options.mostLanes);
    if (lanes.length === 0 && unfit.length === 0) return undefined;
    const { observed, workspace } = view;
    const facts = { runner: observed.self, commit: workspace.commit, at: this.#engine.clock() };
    const made = lanePlanOf(lanes, facts);
    const handed = [...made.plan.units.map(({ start }) => start), ...unfit];
    return {
      permissions: [
        ...claimsForPlan(observed.runners, made.plan),
        ...permitsFor(this.#engine, view, handed),
      ],
      give: async (after, tip) => {
        if (lanes.length > 0 && tip !== null) {
          await this.#write({ id: planId(made.plan), tip, plan: made.plan }, made.items);
          this.#handed = { id: planId(made.plan), tip, plan: made.plan, overflow: overflow.length };
        }
        return this.#unfit(after, unfit);
      },
    };
  }

  #isSpared(view: View, starts: readonly StepStart[]): boolean {
    if (!this.#options.isBilled || starts.length === 0) return false;
    this.#wait = laneWait({ ...view, now: this.#engine.clock() });
    return this.#wait !== null;
  }

  /** Put together here, so that the lane needs nothing but a file. */
  async #ready(view: View, start: StepStart): Promise<Ready | Unfit> {
    const preparation = await prepare(this.#engine, view, { action: start, asking: null });
    if (!preparation.ok) return { start };
    const { settings } = view.workspace;
    const { invocation } = preparation.prepared;
    const packed = pack(invocation, settings);
    return {
      ...parcelOf(start, laneSecrets(invocation.agent, settings), view.observed),
      start,
      packed,
      invocation: digestOf(packed.invocation),
    };
  }

  async #write(file: LanePlanFile, items: ReadonlyMap<string, Ready>): Promise<void> {
    const { store } = this.#engine;
    const { out, programFolder } = this.#options;
    const prices = await pricesAt(store.reader, file.plan.commit, programFolder);
    const packed = new Map([...items].map(([unit, item]) => [unit, item.packed]));
    writeLanes(out, { file, packed, prices: prices.ok ? prices.prices.table : null });
  }

  /** What cannot be put together is not executed anywhere: its end follows from what is known. */
  #unfit(view: View, starts: readonly StepStart[]): Promise<readonly Transaction[]> {
    const facts = { signal: NEVER, remembered: new Remembered(), tell: nothing, hold: nothing };
    return Promise.all(
      starts.map((start) =>
        executeStep(this.#engine, view, { action: withOwnGrant(view.observed, start), ...facts }),
      ),
    );
  }
}

interface Unfit {
  readonly start: StepStart;
}

interface Ready extends LaneItem {
  readonly packed: Packed;
}

function nothing(): void {}
