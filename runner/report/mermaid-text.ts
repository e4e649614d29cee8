/** Names in Mermaid pictures: a `:` or a keyword in one breaks the picture, so both are written as entities. */
import { terminalText } from "./terminal-text.ts";

/** What the gantt grammar takes for its own at the start of a line: its words, and dates. */
const keyword =
  /^(?:acc|active|axis|callback|call|class|click|crit|date|direction|done|end|excludes|gantt|href|inclusive|includes|milestone|section|style|tick|title|today|top|vert|week|\d)/iu;

/** A name that stands for itself in any Mermaid picture; an empty one becomes a dash. */
export function mermaidText(name: string): string {
  const clean = terminalText(name).trim();
  if (clean === "") return "-";
  const escaped = clean.replaceAll(/[^\p{L}\p{M}\p{N} _.-]/gu, entity);
  return keyword.test(clean) ? `${entity(clean.charAt(0))}${escaped.slice(1)}` : escaped;
}

function entity(character: string): string {
  return `#${character.codePointAt(0) ?? 0};`;
}
