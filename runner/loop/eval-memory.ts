/** Measures how well memory is found, beside other ways to find it. */
import { mkdirSync } from "node:fs";
import type { EvalGroup } from "#runner/retrieval/eval-set.ts";
import type { EvalRow } from "#runner/retrieval/evaluate.ts";
import type { Retrieve, Retriever } from "#runner/retrieval/retriever.ts";
import type { Engine } from "./engine.ts";

export { fixtureGroup } from "#runner/retrieval/eval-set.ts";
export { locomoGroups } from "#runner/retrieval/eval-locomo.ts";

export interface Evaluation {
  readonly rows: readonly EvalRow[];
  /** Rows that cannot be given here, and why. */
  readonly absent: readonly string[];
}

export interface OwnRetriever {
  readonly name: string;
  readonly retrieve: Retrieve;
}

export function isRetrieve(value: unknown): value is Retrieve {
  return typeof value === "function";
}

export async function evaluateMemory(
  shop: Pick<Engine, "loadLance" | "workRoot">,
  groups: readonly EvalGroup[],
  own: OwnRetriever | null,
): Promise<Evaluation> {
  const { evaluate } = await import("#runner/retrieval/evaluate.ts");
  const { retrievers, absent } = await retrieversFor(shop, own);
  const rows: EvalRow[] = [];
  for (const retriever of retrievers) rows.push(...(await evaluate(retriever, groups)));
  return { rows, absent };
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
