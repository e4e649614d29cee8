/** Provenance of one attempt as an in-toto Statement v1; a pure function of what is recorded, so it is derived, not stored. */
import type { RunHistory } from "./run-history.ts";
import type { AttemptRecord, GateDecision, ModelCall, Trigger } from "#runner/schema/types.gen.ts";

export const PREDICATE_TYPE = "https://fettle.dev/attestation/step/v1";

interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1";
  /** What came out; of an attempt without outputs or files: its record by step key. */
  readonly subject: readonly (ResourceDescriptor & { readonly name: string })[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: StepPredicate;
}

/** Money in millionths of a US dollar, times in UTC. `rationale` is stated by the agent: not evidence. */
interface StepPredicate {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: {
      readonly project: string;
      readonly pipeline: string;
      readonly step: string;
      readonly item: string | null;
      readonly params: Readonly<Record<string, unknown>>;
      readonly trigger: Trigger;
    };
    readonly internalParameters: {
      readonly run: string;
      readonly attempt: number;
      readonly stepKey: string;
      readonly asOf: string;
    };
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string };
    readonly metadata: {
      readonly invocationId: string;
      readonly startedOn: string;
      readonly finishedOn: string | null;
    };
  };
  readonly model: AttemptRecord["model"] | null;
  readonly cost: Cost;
  readonly decision: { readonly rationale: string; readonly gates: readonly GateSummary[] };
  readonly effect: AttemptRecord["effect"] | null;
  readonly outcome: {
    readonly status: AttemptRecord["outcome"];
    readonly reason: string;
    readonly rung: string;
    readonly degraded: string | null;
  };
}

/** By request, so that every cent can be followed to what was asked and answered. */
interface Cost {
  readonly currency: "USD";
  readonly micros: number;
  readonly basis: AttemptRecord["basis"];
  readonly spent: AttemptRecord["spent"] | null;
  /** SHA-256 of the prices that the requests were settled by. */
  readonly prices: string | null;
  readonly calls: readonly ModelCall[];
}

type GateSummary = Pick<
  GateDecision,
  "step" | "gate" | "decision" | "by" | "via" | "commit" | "at" | "risk"
>;

/** The statement of an attempt of the run; `run` gives trigger, commits and the decisions made before the attempt began. */
export function attest(
  run: Pick<RunHistory, "record" | "decisions">,
  attempt: AttemptRecord,
): Statement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects(attempt),
    predicateType: PREDICATE_TYPE,
    predicate: {
      buildDefinition: buildDefinition(run, attempt),
      runDetails: {
        builder: { id: "https://fettle.dev/runner/v1" },
        metadata: {
          invocationId: invocationId(attempt),
          startedOn: attempt.startedAt,
          finishedOn: attempt.finishedAt,
        },
      },
      model: attempt.model ?? null,
      cost: costOf(attempt),
      decision: {
        rationale: attempt.rationale,
        gates: run.decisions.filter(({ at }) => at <= attempt.startedAt).map(gateSummary),
      },
      effect: attempt.effect ?? null,
      outcome: {
        status: attempt.outcome,
        reason: attempt.reason,
        rung: attempt.rung,
        degraded: attempt.degraded ?? null,
      },
    },
  };
}

function costOf({ costMicros, basis, spent, prices, calls = [] }: AttemptRecord): Cost {
  const known = { spent: spent ?? null, prices: prices ?? null };
  return { currency: "USD", micros: costMicros, basis, ...known, calls };
}

function buildDefinition(
  { record }: Pick<RunHistory, "record">,
  attempt: AttemptRecord,
): StepPredicate["buildDefinition"] {
  const { project, pipeline, params, trigger, asOf } = record;
  const { step, item, run, key } = attempt;
  return {
    buildType: "https://fettle.dev/step/agent/v1",
    externalParameters: { project, pipeline, step, item, params, trigger },
    internalParameters: { run, attempt: attempt.attempt, stepKey: key, asOf },
    resolvedDependencies: dependencies(record, attempt),
  };
}

function subjects(attempt: AttemptRecord): Statement["subject"] {
  const outputs =
    attempt.outputs === null
      ? []
      : [
          {
            name: `${invocationId(attempt)}/outputs`,
            digest: { sha256: hexOf(attempt.outputs.digest) },
          },
        ];
  const files = attempt.deliverables.map(({ path, content, blob }) => ({
    name: path,
    digest: { sha256: hexOf(content.digest), gitBlob: blob },
  }));
  const made = [...outputs, ...files];
  return made.length > 0
    ? made
    : [{ name: `${invocationId(attempt)}/attempt`, digest: { sha256: hexOf(attempt.key) } }];
}

function dependencies(record: RunHistory["record"], attempt: AttemptRecord): ResourceDescriptor[] {
  const { base, desired } = record;
  const promptDigest = attempt.model?.promptDigest;
  return [
    { name: "main", digest: { gitCommit: desired }, annotations: { role: "desired-state" } },
    { name: "main", digest: { gitCommit: base.commit }, annotations: { role: "base" } },
    ...base.overlay.map(({ path, blob, content }) => ({
      name: path,
      digest: { gitBlob: blob, sha256: hexOf(content.digest) },
      annotations: { role: "base-overlay" },
    })),
    {
      uri: `git:agents/${attempt.agent}`,
      digest: { gitTree: attempt.agentTree },
      annotations: { role: "agent", version: attempt.version },
    },
    {
      name: "inputs",
      digest: { sha256: hexOf(attempt.inputs.digest) },
      annotations: { role: "input" },
    },
    ...(attempt.itemInput === undefined
      ? []
      : [
          {
            name: "item",
            digest: { sha256: hexOf(attempt.itemInput.digest) },
            annotations: { role: "input" },
          },
        ]),
    ...memoryGiven(attempt),
    ...takenOver(attempt),
    ...priceTable(attempt),
    ...(promptDigest === undefined
      ? []
      : [
          {
            name: "prompt",
            digest: { sha256: hexOf(promptDigest) },
            annotations: { role: "prompt" },
          },
        ]),
  ];
}

/** What was searched and what for, what was found, and what the agent says that it used. */
function memoryGiven({ memory }: AttemptRecord): ResourceDescriptor[] {
  const { tree, query, ranker, recalled, cited = [] } = memory;
  const asked = query === undefined ? {} : { query, ...(ranker !== undefined && { ranker }) };
  const searched: ResourceDescriptor[] =
    tree === undefined || tree === null
      ? []
      : [
          {
            name: "memory",
            digest: { gitTree: tree },
            annotations: { role: "memory-tree", ...asked },
          },
        ];
  const found = recalled.map(({ id, blob, score }) => ({
    name: id,
    digest: { gitBlob: blob },
    annotations: { role: "memory", score, ...(cited.includes(id) ? { cited: true } : {}) },
  }));
  return [...searched, ...found];
}

/** What requests to models were settled by. */
function priceTable({ prices }: AttemptRecord): ResourceDescriptor[] {
  if (prices === undefined) return [];
  return [{ name: "prices", digest: { sha256: hexOf(prices) }, annotations: { role: "prices" } }];
}

/** The attempt of an earlier run whose result this one is. */
function takenOver(attempt: AttemptRecord): ResourceDescriptor[] {
  const { keptFrom, key } = attempt;
  if (keptFrom === undefined) return [];
  return [
    {
      name: invocationId({ ...attempt, ...keptFrom }),
      digest: { sha256: hexOf(key) },
      annotations: { role: "taken-over" },
    },
  ];
}

function gateSummary(made: GateDecision): GateSummary {
  const { step, gate, decision, by, via, commit, at, risk } = made;
  return { step, gate, decision, by, via, commit, at, risk };
}

/** `<run>/<step>[/<item>]/<attempt>` */
function invocationId({ run, step, item, attempt }: AttemptRecord): string {
  return [run, step, ...(item === null ? [] : [item]), attempt].join("/");
}

/** In-toto wants the bare digits of `sha256:9f…`. */
function hexOf(digest: string): string {
  return digest.replace(/^sha256:/u, "");
}
