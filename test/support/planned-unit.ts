/** The plan of one unit of work. */
import { effectBase, undoBase } from "#runner/core/effect.ts";
import type { AgentVersion, Observed } from "#runner/core/model.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import { planUnit } from "#runner/core/unit-plan.ts";
import type { AgentStep, AttemptRecord, Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";
import {
  live,
  mailer,
  observed,
  openRun,
  pipeline,
  runContext,
  step,
  type workspace,
} from "./core-builders.ts";
import { receipts } from "./core-records.ts";

export const RUN = "chase.aaaaaaaaaaaa";
export const BASE = effectBase("shop", "mailer", "news");
export const UNDO = undoBase({ base: BASE, ordinal: 1 });

export interface Situation {
  readonly step?: Partial<AgentStep>;
  readonly agent?: AgentVersion;
  readonly attempts?: readonly AttemptRecord[];
  /** Receipts of the effect; undefined: not looked up yet. */
  readonly receipts?: readonly Partial<Receipt>[] | undefined;
  /** Those of what undoes it. */
  readonly undoing?: readonly Partial<Receipt>[];
  readonly facts?: Partial<Observed>;
  readonly workspace?: ReturnType<typeof workspace>;
}

function receiptsIn({ receipts: done, undoing }: Situation): Observed["receipts"] {
  const known = new Map<string, ReceiptRecord | null>();
  for (const [base, list] of [[BASE, done] as const, [UNDO, undoing] as const]) {
    if (list !== undefined) known.set(base, list.length === 0 ? null : receipts(base, list));
  }
  return known;
}

export function planOf(situation: Situation): StepPlan {
  const { agent: by = mailer(), attempts = [], facts = {} } = situation;
  const send = step("send", { agent: by.name, ...situation.step });
  const run = openRun(pipeline([send]), { agents: [by], attempts });
  const context = runContext(run, {
    observed: observed([live()], {
      runs: new Map([[RUN, run]]),
      receipts: receiptsIn(situation),
      ...facts,
    }),
    ...(situation.workspace === undefined ? {} : { workspace: situation.workspace }),
  });
  return planUnit(context, {
    step: send,
    agent: by,
    item: null,
    scope: { params: { none: null, map: {} } },
  });
}

export const once = { once: { key: "news" } };
export const mine = { run: RUN, step: "send", item: null };
