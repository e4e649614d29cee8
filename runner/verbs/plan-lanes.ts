/** `fettle plan --lanes`: does what needs no agent, and hands the steps that are ready to other machines. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type LaneWait, waitWords } from "#runner/core/lane/actions-minutes.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { HandOut, type HandedOut } from "#runner/loop/hand-out.ts";
import { matrixOf } from "#runner/core/lane/lane-plan.ts";
import { renderLanes } from "#runner/report/lanes-text.ts";
import { tickOnce, type Ticked } from "./reconcile.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface PlanLanesOptions {
  readonly mostLanes: number;
  /** null: it was not said. */
  readonly out: string | null;
  /** In a job of GitHub Actions. */
  readonly isBilled?: boolean;
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
  { mostLanes, out: folder, isBilled = false }: PlanLanesOptions,
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
        hands: (engine) =>
          (handOut = new HandOut(engine, { out, mostLanes, programFolder, isBilled })),
        around: async (_, tick) => {
          const ticked = await tick();
          const { handed = null, wait = null } = handOut ?? {};
          return withLanes(context, ticked, { handed, wait, folder });
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
  readonly wait: LaneWait | null;
  readonly folder: string;
}

function withLanes(
  context: VerbContext,
  { answer, view }: Ticked,
  { handed, wait, folder }: Given,
): Answer {
  const { text = "" } = answer;
  const timezone = timezoneOf(view?.workspace.settings ?? {});
  const told = renderLanes(
    { handed, wait: wait === null ? null : waitWords(wait, timezone), folder },
    { ...context.look, now: context.clock() },
  );
  const json = { ...jsonOf(handed), wait, tick: answer.json };
  return { ...answer, text: `${text}\n${told}`, json };
}

function jsonOf(handed: HandedOut | null): object {
  const lanes = handed?.plan.lanes ?? [];
  return {
    kind: "lanes",
    plan: handed?.id ?? null,
    count: lanes.length,
    overflow: (handed?.overflow ?? 0) > 0,
    minutes: lanes.reduce((sum, { minutes }) => sum + minutes, 0),
    matrix: handed === null ? { include: [] } : matrixOf(handed),
  };
}
