/** What was measured beside what it is held to. */
import { estimate, type Estimate } from "./measure.ts";

export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly verdict: Verdict;
}

/** `unclear`: the median is beyond the bar, the better bound is not. `none`: reported only. */
type Verdict = "ok" | "unclear" | "FAILS" | "none";

/** A ratio that should be at most `most`; it fails when even its lower bound is above. */
export function atMost(what: string, values: readonly number[], most: number): Row {
  const found = estimate(values);
  return { what, measured: spelled(found), bar: `≤ ${most} ×`, verdict: below(found, most) };
}

/** A ratio that should be at least `least`; it fails when even its upper bound is below. */
export function atLeast(what: string, values: readonly number[], least: number): Row {
  const found = estimate(values);
  return {
    what,
    measured: spelled(found),
    bar: `≥ ${least} ×`,
    verdict: below({ median: -found.median, lower: -found.upper }, -least),
  };
}

/** Milliseconds that should be at most `most`. */
export function withinMs(what: string, values: readonly number[], most: number): Row {
  const found = estimate(values);
  const { median, lower } = found;
  const measured = `${median.toFixed(1)} ms (from ${lower.toFixed(1)})`;
  return { what, measured, bar: `≤ ${most} ms`, verdict: below(found, most) };
}

/** A count that should be at most `most`; counts do not vary. */
export function counted(what: string, count: number, most: number): Row {
  return {
    what,
    measured: String(count),
    bar: `≤ ${most}`,
    verdict: count <= most ? "ok" : "FAILS",
  };
}

export function reported(what: string, measured: string): Row {
  return { what, measured, bar: "", verdict: "none" };
}

function below({ median, lower }: Pick<Estimate, "median" | "lower">, most: number): Verdict {
  if (median <= most) return "ok";
  return lower <= most ? "unclear" : "FAILS";
}

function spelled({ median, lower, upper }: Estimate): string {
  return `${median.toFixed(2)} × (${lower.toFixed(2)} to ${upper.toFixed(2)})`;
}

export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["what", "measured", "bar", ""],
    ...rows.map(({ what, measured, bar, verdict }) => [
      what,
      measured,
      bar,
      verdict === "none" ? "" : verdict,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
