/** `fettle plan --lanes`: does what needs no agent, and hands the steps that are ready to other machines. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { HandOut, type HandedOut } from "#runner/loop/hand-out.ts";
import { matrixOf } from "#runner/loop/lane-plan.ts";
import { renderLanes } from "#runner/report/lanes-text.ts";
import { tickOnce } from "./reconcile.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface PlanLanesOptions {
  readonly mostLanes: number;
  /** null: it was not said. */
  readonly out: string | null;
}

export async function planLanesVerb(
  context: VerbContext,
  options: PlanLanesOptions,
): Promise<Answer> {
  return (await planLanes(context, options)).answer;
}

export interface PlannedLanes {
  readonly answer: Answer;
  /** null where nothing was handed over. */
  readonly handed: HandedOut | null;
}

export async function planLanes(
  context: VerbContext,
  { mostLanes, out: folder }: PlanLanesOptions,
): Promise<PlannedLanes> {
  const refusal = refusalOf(context, folder);
  if (refusal !== null || folder === null) {
    return { answer: refusal ?? NOWHERE, handed: null };
  }
  const out = resolve(context.start, folder);
  const { programFolder } = context;
  const desk = workingAs(context, `lanes-${crypto.randomUUID().slice(0, 13)}`);
  let handOut: HandOut | null = null;
  const answer = await context.showing((onProgress) =>
    tickOnce(
      desk,
      {
        detailedExitcode: false,
        hands: (engine) => (handOut = new HandOut(engine, { out, mostLanes, programFolder })),
        around: async (_, tick) => {
          const ticked = await tick();
          return withLanes(context, ticked.answer, { handed: handOut?.handed ?? null, folder });
        },
      },
      onProgress,
    ),
  );
  return { answer, handed: handedBy(handOut) };
}

function handedBy(handOut: HandOut | null): HandedOut | null {
  return handOut?.handed ?? null;
}

const NOWHERE = refused(
  "usage",
  "where should it be written?",
  "fettle plan --lanes --out <folder>",
);

function refusalOf({ at, start }: VerbContext, folder: string | null): Answer | null {
  if (at !== null) {
    return refused(
      "usage",
      "plan --lanes works on the present",
      "fettle plan --lanes   without --at",
    );
  }
  if (folder === null) return NOWHERE;
  const there = resolve(start, folder);
  return existsSync(join(there, "plan.json"))
    ? refused("usage", `${there} holds a plan already`, "another --out   or settle that one first")
    : null;
}

/** The same desk, where work is claimed under another name and executed elsewhere. */
export function workingAs(context: VerbContext, name: string): VerbContext {
  return {
    ...context,
    open: (start, options) => context.open(start, { ...options, workingAs: name }),
  };
}

interface Given {
  readonly handed: HandedOut | null;
  readonly folder: string;
}

function withLanes(context: VerbContext, answer: Answer, { handed, folder }: Given): Answer {
  const { text = "" } = answer;
  const lanes = handed?.plan.lanes ?? [];
  const json = {
    kind: "lanes",
    plan: handed?.id ?? null,
    count: lanes.length,
    overflow: (handed?.overflow ?? 0) > 0,
    minutes: lanes.reduce((sum, { minutes }) => sum + minutes, 0),
    matrix: handed === null ? { include: [] } : matrixOf(handed),
    tick: answer.json,
  };
  const told = renderLanes(handed, { ...context.look, now: context.clock() }, folder);
  return { ...answer, text: `${text}\n${told}`, json };
}
