/** `fettle retry`: tries a run that has ended once more, as a run of its own. */
import { paramsOf, paramsText } from "#runner/core/param.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import { burialWords } from "#runner/core/payload-tombstones.ts";
import { closest } from "#runner/core/suggest.ts";
import { burialAmong } from "#runner/loop/burials.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { citationsOf } from "#runner/loop/open-run.ts";
import { versionAt } from "#runner/loop/project-version.ts";
import type { Wish } from "#runner/loop/request.ts";
import type { Pipeline, RetryRequest } from "#runner/schema/types.gen.ts";
import { findRun } from "./find-run.ts";
import { givenParams } from "./given-params.ts";
import { acting, askFor } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface RetryOptions {
  /** Its id or the start of it, or its pipeline. */
  readonly run: string;
  readonly from: string | null;
  /** `name=value` pairs. */
  readonly set: readonly string[];
  readonly upgrade: boolean;
  readonly reason: string | null;
}

export function retryVerb(context: VerbContext, options: RetryOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const found = await findRun(options.run, seen);
    if (!found.ok) return found.refusal;
    const { record, end } = found.run;
    if (end === null) return notOver(record.id);
    const answer = whyNotRetried(found.run, options) ?? askedBefore(seen, record.id);
    if (answer !== null) return answer;
    const params = await paramsFor(engine, seen, { record, options });
    if (!params.ok) return params.refusal;
    const { from, upgrade } = options;
    const { id: run, project, pipeline } = record;
    const reason = options.reason === null ? {} : { reason: options.reason };
    const which = { project, pipeline, run, endedAt: end.endedAt };
    const how = { params: params.value, from, upgrade, ...reason };
    const wish: Wish = { kind: "retry", ...which, ...how };
    const gone = await burialAmong(seen.files, citationsOf([found.run]));
    const anew =
      gone === undefined ? "" : `; what it gave was ${burialWords(gone)}: it is done anew`;
    return askFor({ context, engine, seen }, wish, `${run} will be tried once more${anew}`);
  });
}

type GivenParams =
  | { readonly ok: true; readonly value: RetryRequest["params"] }
  | { readonly ok: false; readonly refusal: Answer };

/** The run's own parameters with what was given, as the pipeline declares them. */
async function paramsFor(
  engine: Engine,
  seen: Sight,
  { record, options }: { readonly record: RunHistory["record"]; readonly options: RetryOptions },
): Promise<GivenParams> {
  const { from, set, upgrade } = options;
  const manifest = await pipelineFor(engine, seen, { record, upgrade });
  if (manifest === undefined) return { ok: false, refusal: withoutVersion(record.id) };
  const noStep = from === null ? null : withoutStep(manifest, from);
  if (noStep !== null) return { ok: false, refusal: noStep };
  const given = givenParams(manifest.params ?? {}, set);
  const params = given.ok ? { ...record.params, ...given.value } : {};
  const checked = given.ok ? paramsOf(manifest, params) : given;
  if (checked.ok) return { ok: true, value: params };
  return { ok: false, refusal: refused("usage", checked.reason, paramsText(manifest)) };
}

function whyNotRetried({ record, end }: RunHistory, { from }: RetryOptions): Answer | null {
  const { id, pipeline } = record;
  if (pipeline.startsWith("goal.")) {
    const hint = "fettle reconcile   measures it when it is due";
    return refused("refused", `${id} is a measurement`, hint);
  }
  if (end?.result === "succeeded" && from === null) {
    const hint = `fettle retry ${id} --from <step>   does it again from there; fettle timeline ${id} names the steps`;
    return refused("refused", `${id} has succeeded`, hint);
  }
  return null;
}

function notOver(run: string): Answer {
  const hint = `fettle cancel ${run}   calls it off; then retry`;
  return refused("refused", `${run} is still open`, hint);
}

/** One further try at a time. */
function askedBefore({ observed }: Sight, run: string): Answer | null {
  const before = observed.requests.find(
    (request) => request.kind === "retry" && request.run === run,
  );
  if (before === undefined) return null;
  const text = `${run} is to be tried once more already: ${before.by} asked for it\n  fettle reconcile   does it now\n`;
  return { exit: "ok", text, json: before };
}

interface Pinned {
  readonly record: RunHistory["record"];
  readonly upgrade: boolean;
}

async function pipelineFor(
  { manifests }: Engine,
  { workspace }: Sight,
  { record: { project, pipeline, desired }, upgrade }: Pinned,
): Promise<Pipeline | undefined> {
  const version = upgrade
    ? workspace.projects.get(project)
    : await versionAt(manifests, desired, project);
  return version?.pipelines.get(pipeline);
}

function withoutVersion(run: string): Answer {
  const message = `the pipeline of ${run} is not there in that version`;
  return refused("refused", message, "git fetch --unshallow, or retry with --upgrade");
}

function withoutStep({ steps }: Pipeline, from: string): Answer | null {
  const ids = steps.map(({ id }) => id);
  if (ids.includes(from)) return null;
  const near = closest(from, ids);
  const hint = near === undefined ? `there are ${ids.join(", ")}` : `did you mean ${near}?`;
  return refused("usage", `the pipeline has no step ${from}`, hint);
}
