/** Times in words. Instants are RFC 3339 strings; the present is always given. */

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** Milliseconds since 1970 of an instant. */
function instantMs(instant: string): number {
  return Date.parse(instant);
}

/** "0 s", "14 s", "2 min 54 s", "3 h 12 min", "2 d 4 h": the two largest units, rounded down. */
export function durationText(ms: number): string {
  const largest = units.findIndex(([, size]) => ms >= size);
  if (largest === -1) return "0 s";
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, size] of units.slice(largest, largest + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

/** The same, and "340 ms" below a second. */
export function exactDuration(ms: number): string {
  return ms > 0 && ms < 1000 ? `${Math.round(ms)} ms` : durationText(ms);
}

/** "in 3 h 12 min", "2 min ago", "now" within a second. */
export function relativeTime(instant: string, now: string): string {
  const ms = instantMs(instant) - instantMs(now);
  if (Math.abs(ms) < 1_000) return "now";
  return ms > 0 ? `in ${durationText(ms)}` : `${durationText(-ms)} ago`;
}

/** Time from one instant to another, "0 s" when clocks disagree. */
export function elapsed(from: string, to: string): string {
  return durationText(Math.max(0, instantMs(to) - instantMs(from)));
}
