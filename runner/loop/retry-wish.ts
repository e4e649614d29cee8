/** What `retry` asks for: a run that has ended is tried once more, as a run of its own. */
import { givenParams } from "#runner/core/given-params.ts";
import { paramsOf, paramsText } from "#runner/core/param.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import { closest } from "#runner/core/suggest.ts";
import type { Pipeline, RetryRequest } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { versionAt } from "./project-version.ts";
import { refusal, type Refusal } from "./refusal.ts";
import type { WishOf } from "./request.ts";

export interface RetryAsked {
  readonly from: string | null;
  /** `name=value` pairs. */
  readonly set: readonly string[];
  readonly upgrade: boolean;
  readonly reason: string | null;
}

interface Retried {
  readonly observed: Observed;
  readonly workspace: Workspace;
  readonly run: RunHistory;
}

/** `asked`: somebody has asked for it already; one further try at a time. */
export type RetryWish =
  | { readonly ok: true; readonly kind: "wish"; readonly wish: WishOf<RetryRequest> }
  | { readonly ok: true; readonly kind: "asked"; readonly request: RetryRequest }
  | Refusal;

export async function retryWish(
  engine: Pick<Engine, "manifests">,
  retried: Retried,
  asked: RetryAsked,
): Promise<RetryWish> {
  const { record, end } = retried.run;
  if (end === null) return notOver(record.id);
  const no = whyNotRetried(retried.run, asked);
  if (no !== null) return no;
  const request = requestBefore(retried.observed, record.id);
  if (request !== undefined) return { ok: true, kind: "asked", request };
  const params = await paramsFor(engine, retried, asked);
  if (!params.ok) return params;
  const { from, upgrade } = asked;
  const { id: run, project, pipeline } = record;
  const reason = asked.reason === null ? {} : { reason: asked.reason };
  const which = { project, pipeline, run, endedAt: end.endedAt };
  const how = { params: params.value, from, upgrade, ...reason };
  return { ok: true, kind: "wish", wish: { kind: "retry", ...which, ...how } };
}

type GivenParams = { readonly ok: true; readonly value: RetryRequest["params"] } | Refusal;

/** The run's own parameters with what was given, as the pipeline declares them. */
async function paramsFor(
  engine: Pick<Engine, "manifests">,
  { workspace, run: { record } }: Retried,
  { from, set, upgrade }: RetryAsked,
): Promise<GivenParams> {
  const manifest = await pipelineFor(engine, workspace, { record, upgrade });
  if (manifest === undefined) return withoutVersion(record.id);
  const noStep = from === null ? null : withoutStep(manifest, from);
  if (noStep !== null) return noStep;
  const given = givenParams(manifest.params ?? {}, set);
  const params = given.ok ? { ...record.params, ...given.value } : {};
  const checked = given.ok ? paramsOf(manifest, params) : given;
  if (checked.ok) return { ok: true, value: params };
  return refusal("usage", checked.reason, paramsText(manifest));
}

function whyNotRetried({ record, end }: RunHistory, { from }: RetryAsked): Refusal | null {
  const { id, pipeline } = record;
  if (pipeline.startsWith("goal.")) {
    const hint = "fettle reconcile   measures it when it is due";
    return refusal("refused", `${id} is a measurement`, hint);
  }
  if (end?.result === "succeeded" && from === null) {
    const hint = `fettle retry ${id} --from <step>   does it again from there; fettle timeline ${id} names the steps`;
    return refusal("refused", `${id} has succeeded`, hint);
  }
  return null;
}

function notOver(run: string): Refusal {
  const hint = `fettle cancel ${run}   calls it off; then retry`;
  return refusal("refused", `${run} is still open`, hint);
}

function requestBefore({ requests }: Observed, run: string): RetryRequest | undefined {
  return requests.find(
    (request): request is RetryRequest => request.kind === "retry" && request.run === run,
  );
}

interface Pinned {
  readonly record: RunHistory["record"];
  readonly upgrade: boolean;
}

async function pipelineFor(
  { manifests }: Pick<Engine, "manifests">,
  workspace: Workspace,
  { record: { project, pipeline, desired }, upgrade }: Pinned,
): Promise<Pipeline | undefined> {
  const version = upgrade
    ? workspace.projects.get(project)
    : await versionAt(manifests, desired, project);
  return version?.pipelines.get(pipeline);
}

function withoutVersion(run: string): Refusal {
  const message = `the pipeline of ${run} is not there in that version`;
  return refusal("refused", message, "git fetch --unshallow, or retry with --upgrade");
}

function withoutStep({ steps }: Pipeline, from: string): Refusal | null {
  const ids = steps.map(({ id }) => id);
  if (ids.includes(from)) return null;
  const near = closest(from, ids);
  const hint = near === undefined ? `there are ${ids.join(", ")}` : `did you mean ${near}?`;
  return refusal("usage", `the pipeline has no step ${from}`, hint);
}
