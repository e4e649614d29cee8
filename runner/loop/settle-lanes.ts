/** Books what lanes tell of the steps that were handed to them; what they do not tell counts as lost. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { runnerPath } from "#runner/core/state-path.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { billedOf, workedBy } from "#runner/core/lane/lane-bill.ts";
import { localDay } from "#runner/core/time/calendar.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { endOwnLanes, type LanesEnd } from "#runner/protocol/lane-claim.ts";
import { fetchFromOrigin } from "#runner/repo/origin.ts";
import { isContained } from "#runner/repo/history.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { authorityRefs } from "./follow-authority.ts";
import { executeStep } from "./carry-step.ts";
import type { Engine, View } from "./engine.ts";
import type { Hands } from "./hands.ts";
import { prepare } from "./invocation-of.ts";
import type { LanePlanFile, PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import { lookThere, viewOf } from "./look.ts";
import { lostStep } from "./lost-step.ts";
import { lookUp } from "./observe.ts";
import { Remembered } from "./remembered.ts";
import { readRecord, stateAt } from "./state-files.ts";
import { fitting } from "./step-runner.ts";
import { NEVER } from "./unless-stopped.ts";

export interface SettleOptions {
  readonly file: LanePlanFile;
  /** Folder with the results: those of a lane in a folder that ends in `lane-<n>`, else all beside each other. */
  readonly results: string;
  /** What has not been told yet may still come. */
  readonly isPartial: boolean;
  /** In GitHub Actions, where its machines are paid for. */
  readonly isBilled?: boolean;
}

export interface Settled {
  readonly told: number;
  /** Steps of which nothing was told, or nothing that can be believed. */
  readonly lost: readonly { readonly start: StepStart; readonly reason: string }[];
  /** Steps that are still waited for. */
  readonly open: number;
}

export class SettleLanes implements Hands {
  readonly #engine: Engine;
  readonly #options: SettleOptions;
  #settled: Settled = { told: 0, lost: [], open: 0 };
  /** Keys of the units that are still waited for. */
  readonly #working = new Set<string>();
  /** When its units began and ended, as far as they have told. */
  readonly #worked = new Map<string, { readonly from: string; readonly to: string }>();
  /** Why nothing of it is booked. */
  #refusal: string | null = null;

  constructor(engine: Engine, options: SettleOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  get settled(): Settled {
    return this.#settled;
  }

  get refusal(): string | null {
    return this.#refusal;
  }

  get working(): ReadonlySet<string> {
    return this.#working;
  }

  async results(present: View): Promise<readonly Transaction[]> {
    this.#refusal = await this.#whyForeign(present);
    if (this.#refusal !== null) return [];
    const past = await this.#past();
    const remembered = new Remembered();
    const results: (readonly Transaction[])[] = [];
    for (const unit of this.#options.file.plan.units) {
      results.push(await this.#resultOf(past, unit, remembered));
    }
    const { observed } = await this.#withReceipts(present, this.#engine.store);
    // What was handed out together was made from what stood on state: that one result comes too late says nothing of the others.
    return results.flatMap((made) => {
      const news = made.filter((result) => !isRecorded(result, observed));
      return fitting(this.#engine, news, observed);
    });
  }

  offer(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readonly release: Hands["release"] = (view, now) => {
    const isOver = this.#refusal === null && this.#settled.open === 0;
    return endOwnLanes(view.observed, { isOver, now, ...this.#billed(view, now) });
  };

  #billed({ workspace }: View, now: string): Pick<LanesEnd, "billed"> {
    const { file, isBilled } = this.#options;
    if (isBilled !== true) return {};
    const { lanes, at: plannedAt } = file.plan;
    const used = lanes.map(({ places, mostMinutes }) => ({
      mostMinutes,
      worked: workedBy(places.flat().map((unit) => this.#worked.get(unit))),
    }));
    const day = localDay(now, timezoneOf(workspace.settings));
    return { billed: { day, minutes: billedOf(used, { plannedAt, now }) } };
  }

  /** The state says which plan was handed out: a folder can say anything. */
  async #whyForeign({ observed }: View): Promise<string | null> {
    const { id, tip, plan } = this.#options.file;
    if (observed.runners.some((record) => record.runner === plan.runner && record.plan === id)) {
      return null;
    }
    await this.#fetched(tip);
    const { repository, store } = this.#engine;
    const isPast = store.tip !== null && (await isContained(repository, tip, store.tip)) === "yes";
    if (!isPast) return "the state does not know this plan";
    const record = await readRecord(
      stateAt(store.reader, tip),
      runnerPath(plan.runner),
      records.runner,
    );
    return record?.plan === id ? null : "the state does not know this plan";
  }

  /** All as it was seen when the steps were handed out: results are made of that. */
  async #past(): Promise<View> {
    const { tip, plan } = this.#options.file;
    await this.#fetched(tip);
    const { repository, store, manifests } = this.#engine;
    const refs = new Map(authorityRefs(repository)).set(MAIN, plan.commit);
    const files = stateAt(store.reader, tip);
    const seen = await lookThere({ repository, store: files, manifests }, refs, plan.commit);
    return this.#withReceipts(viewOf(seen), files);
  }

  async #withReceipts(view: View, files: Parameters<typeof lookUp>[0]): Promise<View> {
    const bases = this.#options.file.plan.units.flatMap(({ start }) => start.effect?.base ?? []);
    const wants = bases.map((base) => ({ kind: "receipt" as const, base }));
    return { ...view, observed: await lookUp(files, view, wants) };
  }

  /** A clone that was made for a while may be without a state of an hour ago. */
  async #fetched(tip: string): Promise<void> {
    const { repository, store } = this.#engine;
    if (repository.origin === null || (await store.reader.readCommit(tip)) !== undefined) return;
    await fetchFromOrigin(repository, { objects: [tip] });
    store.refresh();
  }

  async #resultOf(
    past: View,
    { unit, start, invocation }: PlannedUnit,
    remembered: Remembered,
  ): Promise<readonly Transaction[]> {
    const { file, isPartial } = this.#options;
    const action = withOwnGrant(past.observed, start);
    const preparation = await prepare(this.#engine, past, { action, asking: null });
    const at = this.#engine.clock();
    const place = { folder: this.#folderOf(unit), plan: file.id, unit, invocation };
    const expected = { ...place, plannedAt: file.plan.at, now: at };
    const answer =
      preparation.ok && this.#engine.elsewhere !== undefined
        ? await this.#engine.elsewhere(preparation.prepared.invocation, expected)
        : ({ kind: "none" } as const);
    if (answer.kind === "none" && isPartial) {
      this.#settled = { ...this.#settled, open: this.#settled.open + 1 };
      this.#working.add(unitKey(start));
      return [];
    }
    if (answer.kind !== "checked") {
      const reason = answer.kind === "none" ? NEVER_TOLD : `${REFUSED}: ${answer.reason}`;
      this.#settled = { ...this.#settled, lost: [...this.#settled.lost, { start, reason }] };
      return [lostStep(past, action, { startedAt: file.plan.at, at, reason })];
    }
    this.#settled = { ...this.#settled, told: this.#settled.told + 1 };
    const saved: Transaction[] = [];
    const execute: Engine["execute"] = (_, __, { save }) => {
      if (answer.checkpoints.size > 0) save(answer.checkpoints);
      return Promise.resolve(answer.result);
    };
    // What it saved, it saved before it ended, and not when it is settled.
    const clock: Engine["clock"] = () => answer.result.during?.finishedAt ?? at;
    const told = await executeStep({ ...this.#engine, execute, clock }, past, {
      action,
      signal: NEVER,
      remembered,
      tell: (news) => void saved.push(news),
      hold: () => undefined,
    });
    if (told.change.kind === "attempt") {
      const { startedAt, finishedAt } = told.change.attempt;
      this.#worked.set(unit, { from: startedAt, to: finishedAt ?? startedAt });
    }
    return [...saved, told];
  }

  #folderOf(unit: string): string {
    const { results, file } = this.#options;
    const lane = file.plan.lanes.find(({ places }) => places.flat().includes(unit))?.lane ?? "";
    const name = `lane-${lane}`;
    const own = namesIn(results).find((found) => found === name || found.endsWith(`-${name}`));
    return own === undefined ? results : join(results, own);
  }
}

/** An earlier settling has booked it: another result of the same attempt would have begun at another instant. */
export function isRecorded({ change }: Transaction, { runs }: Observed): boolean {
  if (change.kind !== "attempt") return false;
  const { run, step, item, attempt, startedAt } = change.attempt;
  return (runs.get(run)?.attempts ?? []).some(
    (known) =>
      known.state === "finished" &&
      known.step === step &&
      known.item === item &&
      known.attempt === attempt &&
      known.startedAt === startedAt,
  );
}

const NEVER_TOLD = "the lane that was to do it never reported";
const REFUSED = "what the lane that was to do it reported is refused";

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
