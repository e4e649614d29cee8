/** Days of the week as people write them: `mon-fri`, `sat, sun`, `fri-mon`. */
const NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** 1: Monday, 7: Sunday; undefined for other text. */
export function weekdaysOf(text: string): ReadonlySet<number> | undefined {
  const ranges = text.split(",").map((part) => rangeOf(part.trim()));
  return ranges.every((range) => range !== undefined) ? new Set(ranges.flat()) : undefined;
}

function rangeOf(text: string): readonly number[] | undefined {
  const [first, last = first, more] = text.split("-").map((name) => numberOf(name.trim()));
  if (first === undefined || last === undefined || more !== undefined) return undefined;
  const length = ((last - first + NAMES.length) % NAMES.length) + 1;
  return Array.from({ length }, (_, index) => ((first - 1 + index) % NAMES.length) + 1);
}

function numberOf(name: string): number | undefined {
  const index = NAMES.findIndex((one) => one === name);
  return index < 0 ? undefined : index + 1;
}
