/** `fettle explain`: why something is as it is. */
import { explain, type Explained } from "#runner/core/explain/explain.ts";
import { newestFirst } from "#runner/core/run-history.ts";
import type { Fact, Known } from "#runner/core/explanation.ts";
import type { Observed } from "#runner/core/model.ts";
import { doubtedBases } from "#runner/core/left-doubt.ts";
import { isPipelineStep, stepsOf } from "#runner/core/step-graph.ts";
import { burialAmong } from "#runner/loop/burials.ts";
import { readFoldedRuns } from "#runner/loop/archive.ts";
import { readAllRuns, readRecentRuns, unfold } from "#runner/loop/closed-runs.ts";
import { readReceipts } from "#runner/loop/receipts.ts";
import { readPayloadBytes, type StateFiles } from "#runner/loop/state-files.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { gateBranches } from "./gate-branches.ts";
import { looking } from "./looking.ts";
import { memoryShowVerb } from "./memory-show.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const RECORD = /^(?:memory:)?(mem_[0-9a-z]+)$/u;

export function explainVerb(context: VerbContext, thing: string): Promise<Answer> {
  const [, record] = RECORD.exec(thing.trim()) ?? [];
  if (record !== undefined) return memoryShowVerb(context, { id: record, asOf: null });
  return looking(context, async (seen, { repository }) => {
    const { workspace, observed, plan } = seen;
    const branches = await gateBranches(repository, observed);
    const known = { workspace, observed, plan, branches };
    const among = async (closed: Known["closed"]): Promise<Explained> =>
      explain(
        queuedStep(observed, thing) ?? thing,
        await withDoubts(seen.files, { ...known, closed }),
      );
    const found = await among(await readLatestRuns(seen));
    const meant = found.kind === "unknown" ? await among(await readAllRuns(seen.files)) : found;
    const explained = await withPayload(seen.files, meant);
    const text = renderExplained(thing, explained, context.look);
    return explained.kind === "explained"
      ? { exit: "ok", text, json: explained.explanation }
      : unexplained(explained, text);
  });
}

/** A gate that is queued has no branch yet: what is known of it is known of its step. */
function queuedStep({ summaries }: Observed, thing: string): string | undefined {
  for (const { queuedGates = {} } of summaries.projects.values()) {
    const queued = queuedGates[thing];
    if (queued !== undefined) return `${queued.run}/${queued.step}`;
  }
  return undefined;
}

function unexplained(explained: Unexplained, text: string): Answer {
  const [message = "", ...hints] = text.trimEnd().split("\n");
  const meant = explained.kind === "ambiguous" ? { candidates: explained.candidates } : {};
  const hint = hints.map((line) => line.trim()).join("\n  ");
  return {
    ...refused("usage", message, hint),
    json: { error: { code: "usage", message, hint, ...meant } },
  };
}

type Unexplained = Exclude<Explained, { kind: "explained" }>;

/** The payload that an explanation cites, as far as it is here. */
async function withPayload(files: StateFiles, explained: Explained): Promise<Explained> {
  if (explained.kind !== "explained") return explained;
  const read = async (fact: Fact): Promise<Fact> => {
    if (fact.kind !== "payload") return fact;
    const bytes = await readPayloadBytes(files.reader, fact.citation);
    if (bytes !== undefined) return { ...fact, text: bytes.toString("utf8") };
    const gone = await burialAmong(files, [fact.citation]);
    return gone === undefined ? fact : { ...fact, gone };
  };
  const sections = await Promise.all(
    explained.explanation.sections.map(async (section) => ({
      ...section,
      facts: await Promise.all(section.facts.map(read)),
    })),
  );
  return { ...explained, explanation: { ...explained.explanation, sections } };
}

/** What became of effects that nobody knew about stands in their receipts. */
async function withDoubts(files: StateFiles, known: Known): Promise<Known> {
  const { observed } = known;
  const receipts = await readReceipts(files, doubtedBases(known));
  return {
    ...known,
    observed: { ...observed, receipts: new Map([...observed.receipts, ...receipts]) },
  };
}

/** The closed runs of the last days, and the last one of each pipeline however old it is. */
async function readLatestRuns(seen: Sight): Promise<ReadonlyMap<string, ClosedRun>> {
  const { observed, files } = seen;
  const recent = await readRecentRuns(files);
  const last = [...observed.summaries.projects.values()].flatMap(({ pipelines }) =>
    Object.values(pipelines).flatMap(({ lastRun }) => lastRun?.id ?? []),
  );
  const missing = new Set(last.filter((id) => !recent.has(id) && !observed.runs.has(id)));
  const called = calledWithout(seen, recent);
  if (missing.size + called.size === 0) return recent;
  const all = (await readFoldedRuns(files)).toSorted(newestFirst);
  const children = [...called].flatMap(
    (name) => all.find(({ project, pipeline }) => `${project}/${pipeline}` === name) ?? [],
  );
  const folded = [...all.filter(({ id }) => missing.has(id)), ...children];
  return new Map([...recent, ...(await unfold(files, folded))]);
}

/** Pipelines that other runs start, of which no run is recent: their runs are not the last one of anything. */
function calledWithout(
  { workspace, observed }: Sight,
  recent: ReadonlyMap<string, ClosedRun>,
): ReadonlySet<string> {
  const called = [...workspace.projects.values()].flatMap(({ name, pipelines }) =>
    [...pipelines.values()]
      .flatMap(stepsOf)
      .filter(isPipelineStep)
      .map((step) => `${name}/${step.pipeline}`),
  );
  const known = [
    ...recent.values(),
    ...[...observed.runs.values()].map(({ record }) => ({ run: record })),
  ];
  const shown = new Set(known.map(({ run: { project, pipeline } }) => `${project}/${pipeline}`));
  return new Set(called.filter((name) => !shown.has(name)));
}
