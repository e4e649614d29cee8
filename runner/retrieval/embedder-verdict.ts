/** Whether an embedder finds more: measured beside the same ranker without it, on the same questions. */
import type { EvalRow } from "./evaluate.ts";

export type EmbedderVerdict =
  /** Share of the evidence among the first ten, over all questions. */
  | { readonly kind: "helps" | "lowers"; readonly with: number; readonly without: number }
  | { readonly kind: "failed"; readonly why: string };

/** What finds less than words alone has no place beside them. */
export function verdictOn(
  rows: readonly EvalRow[],
  names: { readonly with: string; readonly without: string },
): EmbedderVerdict {
  const [own, words] = [recallOf(rows, names.with), recallOf(rows, names.without)];
  return { kind: own < words ? "lowers" : "helps", with: own, without: words };
}

/** In parts of ten thousand, so that the order of a sum decides nothing. */
function recallOf(rows: readonly EvalRow[], name: string): number {
  const own = rows.filter(({ retriever }) => retriever === name);
  const questions = own.reduce((sum, { all }) => sum + all.questions, 0);
  const found = own.reduce((sum, { all }) => sum + all.recall10 * all.questions, 0);
  return Math.round((found / Math.max(questions, 1)) * 10_000) / 10_000;
}
