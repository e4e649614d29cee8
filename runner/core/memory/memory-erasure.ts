/** By which words what is forgotten is known elsewhere, and what of that may go. */
import { GATE_BRANCHES } from "#runner/core/ref-names.ts";

/** Whole words, in any case; a genitive counts too. */
export function wordsFor(name: string, more: readonly string[]): readonly string[] {
  const last = name.split("/").at(-1) ?? name;
  const spoken = last.replaceAll(/[-_]+/gu, " ");
  const own = [name, last, spoken, ...more]
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return [...new Set(own.flatMap((word) => [word, `${word}s`]))];
}

const LARGE_SHARE = 0.25;
const FEW = 20;

/** Whether so much would go that the words rather mean something else, too. */
export function isLargeErasure(going: number, total: number): boolean {
  return going > FEW && going > total * LARGE_SHARE;
}

const DECISION_FILE = /^memory\/[^/]+\/decisions\/([^/]+)\/(.+)$/u;

/** The gate in whose folder on main a file stands; undefined for any other file. */
export function gateOfFile(
  path: string,
): { readonly gate: string; readonly name: string } | undefined {
  const [, gate, name] = DECISION_FILE.exec(path) ?? [];
  return gate === undefined || name === undefined ? undefined : { gate, name };
}

export function gateOfRef(ref: string): string | undefined {
  return ref.startsWith(GATE_BRANCHES) ? ref.slice(GATE_BRANCHES.length) : undefined;
}

/** A decision record of which only its front matter is left: who reads it is told, and what it decided holds. */
export function erasedDecision(text: string, at: string): string {
  const [front] = /^---\r?\n[^]*?^---(?:\r?\n|$)/mu.exec(text) ?? [];
  return `${front ?? ""}\nErased on ${at.slice(0, 10)}.\n`;
}
