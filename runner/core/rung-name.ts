/** What a rung of an agent's ladder is called. */
import type { Rung } from "#runner/schema/types.gen.ts";

/** `command`, `model small`, `claude with model small`, `http`, `container`, `template`. */
export function rungName(rung: Rung): string {
  if ("command" in rung) return "command";
  if ("codingAgent" in rung) return `${rung.codingAgent} with model ${rung.model}`;
  if ("model" in rung) return `model ${rung.model}`;
  if ("http" in rung) return "http";
  return "container" in rung ? "container" : "template";
}
