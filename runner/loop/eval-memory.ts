/** Measures how well memory is found, beside other ways to find it. */
import { mkdirSync } from "node:fs";
import type { EvalGroup } from "#runner/retrieval/eval-set.ts";
import type { EmbedderVerdict } from "#runner/retrieval/embedder-verdict.ts";
import type { EvalRow } from "#runner/retrieval/evaluate.ts";
import type { Retrieve, Retriever } from "#runner/retrieval/retriever.ts";
import type { Engine } from "./engine.ts";
import type { OpenedEmbedder } from "./open-embedder.ts";

export { fixtureGroup } from "#runner/retrieval/eval-set.ts";
export { locomoGroups } from "#runner/retrieval/eval-locomo.ts";

export interface Evaluation {
  readonly rows: readonly EvalRow[];
  /** Rows that cannot be given here, and why. */
  readonly absent: readonly string[];
  /** Of the embedder of fettle.yaml; null where there is none. */
  readonly embedder: EmbedderVerdict | null;
}

export interface OwnRetriever {
  readonly name: string;
  readonly retrieve: Retrieve;
}

export function isRetrieve(value: unknown): value is Retrieve {
  return typeof value === "function";
}

interface Measured {
  readonly groups: readonly EvalGroup[];
  readonly own: OwnRetriever | null;
  /** null: fettle.yaml has none. */
  readonly opened: OpenedEmbedder | null;
}

export async function evaluateMemory(
  shop: Pick<Engine, "loadLance" | "workRoot">,
  { groups, own, opened }: Measured,
): Promise<Evaluation> {
  const { evaluate } = await import("#runner/retrieval/evaluate.ts");
  const { retrievers, absent } = await retrieversFor(shop, own);
  const rows: EvalRow[] = [];
  for (const retriever of retrievers) rows.push(...(await evaluate(retriever, groups)));
  const beside = opened === null ? null : await withEmbedder(opened, groups, rows);
  return { rows: [...rows, ...(beside?.rows ?? [])], absent, embedder: beside?.verdict ?? null };
}

async function withEmbedder(
  opened: OpenedEmbedder,
  groups: readonly EvalGroup[],
  rows: readonly EvalRow[],
): Promise<{ readonly rows: readonly EvalRow[]; readonly verdict: EmbedderVerdict }> {
  if (opened.kind === "without") return { rows: [], verdict: { kind: "failed", why: opened.why } };
  const [{ evaluate }, known, { verdictOn }] = await Promise.all([
    import("#runner/retrieval/evaluate.ts"),
    import("#runner/retrieval/retriever.ts"),
    import("#runner/retrieval/embedder-verdict.ts"),
  ]);
  const failures: string[] = [];
  const retriever = known.rankerWith(opened.embedding, (why) => failures.push(why));
  const own = await evaluate(retriever, groups);
  const [why] = failures;
  if (why !== undefined) return { rows: [], verdict: { kind: "failed", why } };
  const names = { with: retriever.name, without: known.RANKER_IN_PROCESS.name };
  return { rows: own, verdict: verdictOn([...rows, ...own], names) };
}

async function retrieversFor(
  { loadLance, workRoot }: Pick<Engine, "loadLance" | "workRoot">,
  own: OwnRetriever | null,
): Promise<{ readonly retrievers: readonly Retriever[]; readonly absent: readonly string[] }> {
  const known = await import("#runner/retrieval/retriever.ts");
  const [loaded, minisearch] = await Promise.all([loadLance(), known.minisearch()]);
  mkdirSync(workRoot, { recursive: true, mode: 0o700 });
  const withLance =
    loaded.kind === "missing"
      ? []
      : [known.rankerOnLance(loaded.lance, workRoot), known.plainLance(loaded.lance, workRoot)];
  return {
    retrievers: [
      known.RANKER_IN_PROCESS,
      ...withLance,
      ...(minisearch === null ? [] : [minisearch]),
      ...(own === null ? [] : [known.givenRetriever(own.name, own.retrieve)]),
    ],
    absent: [
      ...(loaded.kind === "missing" ? [`LanceDB: ${loaded.why}`] : []),
      ...(minisearch === null ? ["minisearch: it is not installed"] : []),
    ],
  };
}
