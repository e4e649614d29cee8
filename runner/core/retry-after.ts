/** When to come back, as providers and programs say it. */
import { msUntil } from "#runner/core/time/instant.ts";

/** Milliseconds from `nowMs`, never negative; undefined for what says nothing: any text, NaN, a time without end. */
export function retryAfterMsOf(said: unknown, nowMs: number): number | undefined {
  const ms = typeof said === "number" ? said * 1000 : textMs(said, nowMs);
  return Number.isFinite(ms) ? Math.max(Math.ceil(ms), 0) : undefined;
}

/** Seconds, or a date. */
function textMs(said: unknown, nowMs: number): number {
  if (typeof said !== "string") return Number.NaN;
  const text = said.trim();
  return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : msUntil(text, nowMs);
}
