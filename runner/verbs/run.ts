/** `fettle run`: a pipeline runs at the next tick, whatever its triggers say. */
import { askedBefore, askedRun } from "#runner/core/asked-run.ts";
import { paramsOf, paramsText } from "#runner/core/param.ts";
import { plan } from "#runner/core/plan.ts";
import { findNamed } from "#runner/core/suggest.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { Wish } from "#runner/loop/request.ts";
import { relativeTime } from "#runner/report/when.ts";
import type { Pipeline, RequestRecord, RunRequest } from "#runner/schema/types.gen.ts";
import { acting, askFor } from "./acting.ts";
import { givenParams } from "#runner/core/given-params.ts";
import type { Sight } from "./opened.ts";
import { pipelineElsewhere } from "./pipeline-elsewhere.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface RunOptions {
  /** `project/pipeline`, or the pipeline alone. */
  readonly pipeline: string;
  /** `name=value` pairs. */
  readonly set: readonly string[];
  readonly reason: string | null;
}

export function runVerb(context: VerbContext, options: RunOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const target = await targetOf(engine, seen, options.pipeline);
    if (!target.ok) return target.refusal;
    const { project, pipeline, manifest } = target;
    const given = givenParams(manifest.params ?? {}, options.set);
    if (!given.ok) return refused("usage", given.reason, paramsText(manifest));
    const params = paramsOf(manifest, given.value);
    if (!params.ok) return refused("usage", params.reason, paramsText(manifest));
    const question = { project, pipeline, params: { ...given.value } };
    const before = askedBefore(seen.observed.requests, question);
    if (before !== undefined) return askedAlready(context, seen, before);
    const reason = options.reason === null ? {} : { reason: options.reason };
    const wish: Wish = { kind: "run", ...question, ...reason };
    return askFor({ context, engine, seen }, wish, (request) => fateWords(context, seen, request));
  });
}

function askedAlready(context: VerbContext, seen: Sight, before: RunRequest): Answer {
  const { project, pipeline, by, at } = before;
  const when = relativeTime(at, context.clock());
  const asked = `${project}/${pipeline} was asked for already, by ${by}, ${when}: one run answers both`;
  return { exit: "ok", text: `${asked}\n${fateWords(context, seen, before)}`, json: before };
}

/** What the next tick makes of it, as a plan with the request in it says. */
function fateWords(context: VerbContext, seen: Sight, request: RequestRecord): string {
  if (request.kind !== "run") return "";
  const { project, pipeline } = request;
  const { requests } = seen.observed;
  const isKnown = requests.some(({ id }) => id === request.id);
  const observed = { ...seen.observed, requests: isKnown ? requests : [...requests, request] };
  const open = [...observed.runs.values()]
    .map(({ record }) => record)
    .filter((run) => run.project === project && run.pipeline === pipeline)
    .map((run) => run.id);
  const fate = askedRun(plan(seen.workspace, observed, context.clock()), request, open);
  switch (fate.kind) {
    case "runs":
      return `${project}/${pipeline} will run${inPlaceOf(fate.replaced)}\n  fettle reconcile   does it now\n`;
    case "dropped":
      return `${project}/${pipeline} will not run: ${fate.reason}\n`;
    case "held": {
      const { why, unblock } = fate.hold;
      const next = unblock === "" ? "" : `  ${unblock}\n`;
      return `${project}/${pipeline} will not run yet: ${why}\n${next}`;
    }
  }
}

function inPlaceOf(replaced: readonly string[]): string {
  return replaced.length === 0 ? "" : `, in place of ${replaced.join(", ")}`;
}

interface Named {
  readonly project: string;
  readonly pipeline: string;
  readonly manifest: Pipeline;
}

type Target = ({ readonly ok: true } & Named) | { readonly ok: false; readonly refusal: Answer };

async function targetOf(engine: Engine, { workspace }: Sight, name: string): Promise<Target> {
  const all = [...workspace.projects].flatMap(([project, { pipelines }]) =>
    [...pipelines].map(([pipeline, manifest]) => {
      return { name: `${project}/${pipeline}`, also: [pipeline], project, pipeline, manifest };
    }),
  );
  const meant = findNamed(name, all);
  switch (meant.kind) {
    case "found":
      return { ok: true, ...meant.found };
    case "ambiguous": {
      const hint = `write one of ${meant.names.join(", ")}`;
      return { ok: false, refusal: refused("usage", `${name} is in more than one project`, hint) };
    }
    case "unknown": {
      const elsewhere = await pipelineElsewhere(engine, name, workspace.commit);
      const hint = elsewhere ?? nearHint(all, meant.closest);
      return { ok: false, refusal: refused("usage", `${name} is not a pipeline on main`, hint) };
    }
  }
}

function nearHint(all: readonly { readonly name: string }[], near: string | null): string {
  if (near !== null) return `did you mean ${near}?`;
  const names = all.map(({ name }) => name);
  return names.length === 0 ? "there is none yet" : `there are ${names.join(", ")}`;
}
