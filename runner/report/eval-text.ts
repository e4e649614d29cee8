/** How well memory is found, as tables. */
import { type Line, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";
import { tableLines } from "./table.ts";

interface Measures {
  readonly questions: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly recall25: number;
  readonly ndcg10: number;
}

interface Row {
  readonly retriever: string;
  readonly half: string;
  readonly all: Measures;
  readonly byKind: Readonly<Record<string, Measures>>;
  readonly doubt: number | null;
  readonly ms: { readonly p50: number; readonly p95: number };
}

const RIGHT = "right" as const;

export function renderEvaluation(
  { rows, absent }: { readonly rows: readonly Row[]; readonly absent: readonly string[] },
  look: Look,
): string {
  const halves = Map.groupBy(rows, ({ half }) => half);
  const lines = [...halves].flatMap(([half, ofHalf]): Line[] => [
    [toned("strong", half), `  ${ofHalf[0]?.all.questions ?? 0} questions with an answer`],
    ...tableLines(measuresTable(ofHalf), look),
    [],
    ["of the evidence among ten, by kind"],
    ...tableLines(kindsTable(ofHalf), look),
    [],
  ]);
  const missing = absent.map((what): Line => [toned("warn", `not measured: ${what}`)]);
  return printLines([...lines, ...missing], look);
}

function measuresTable(rows: readonly Row[]): Parameters<typeof tableLines>[0] {
  const titles = ["R@5", "R@10", "R@25", "nDCG@10", "DOUBT", "P50", "P95"];
  return {
    columns: [
      { title: "RETRIEVER", shrinkTo: 8 },
      ...titles.map((title) => ({ title, align: RIGHT })),
    ],
    rows: rows.map(({ retriever, all, doubt, ms }) => [
      retriever,
      ...[all.recall5, all.recall10, all.recall25, all.ndcg10].map(percent),
      doubt === null ? "" : doubt.toFixed(2),
      `${ms.p50.toFixed(1)} ms`,
      `${ms.p95.toFixed(1)} ms`,
    ]),
  };
}

function kindsTable(rows: readonly Row[]): Parameters<typeof tableLines>[0] {
  const kinds = [...new Set(rows.flatMap(({ byKind }) => Object.keys(byKind)))]
    .filter((kind) => rows.some(({ byKind }) => (byKind[kind]?.questions ?? 0) > 0))
    .toSorted();
  return {
    columns: [
      { title: "RETRIEVER", shrinkTo: 8 },
      ...kinds.map((kind) => ({ title: kind.toUpperCase(), align: RIGHT })),
    ],
    rows: rows.map(({ retriever, byKind }) => [
      retriever,
      ...kinds.map((kind) => percent(byKind[kind]?.recall10 ?? 0)),
    ]),
  };
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}
