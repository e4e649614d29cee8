/** Memory files of coding agents (CLAUDE.md, AGENTS.md and the like): each bullet is one thing to remember. */
import { itemSlug } from "#runner/core/identifier.ts";

export interface Bullet {
  /** From the headings above it. */
  readonly subject: string;
  readonly text: string;
}

const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/u;
const BULLET = /^(?:[-*+]|\d+[.)])\s+(.+)$/u;
const FENCE = /^\s*(?:```|~~~)/u;

/** Top-level bullets with what is indented below them; prose and code between them are left out. */
export function bulletsOf(markdown: string): readonly Bullet[] {
  const found: { readonly subject: string; readonly lines: string[] }[] = [];
  const headings: string[] = [];
  let isOpen = false;
  for (const line of withoutCode(markdown)) {
    const heading = HEADING.exec(line);
    const [, words] = BULLET.exec(line) ?? [];
    const isBelow: boolean = isOpen && /^\s+\S/u.test(line);
    if (heading !== null) headings.splice(depthOf(heading), headings.length, heading[2] ?? "");
    else if (words !== undefined) found.push({ subject: subjectOf(headings), lines: [words] });
    else if (isBelow) found.at(-1)?.lines.push(line.trim());
    isOpen = words !== undefined || isBelow;
  }
  return found.map(({ subject, lines }) => ({ subject, text: lines.join("\n") }));
}

function depthOf(heading: RegExpExecArray): number {
  return (heading[1] ?? "").length - 1;
}

/** A fence is a line of its own without words, so that what follows it is not taken for the bullet before it. */
function withoutCode(markdown: string): readonly string[] {
  let isCode = false;
  return markdown.split(/\r?\n/u).map((line) => {
    const isFence = FENCE.test(line);
    const shown = isCode || isFence ? "" : line;
    if (isFence) isCode = !isCode;
    return shown;
  });
}

function subjectOf(headings: readonly string[]): string {
  const slugs = headings.filter((title) => title !== "").map(slugOf);
  return ["notes", ...slugs].slice(-3).join("/").slice(0, 120);
}

function slugOf(title: string): string {
  const words = title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  return itemSlug(words.replaceAll(/^-|-$/gu, ""));
}
