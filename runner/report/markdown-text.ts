/** Text from outside made harmless where it meets Markdown: files, pull request bodies, summaries. */
import { showCodePoint } from "./terminal-text.ts";

/** An empty break: GitHub links no mention, issue or address across it, and a reader sees nothing. */
const linkBreak = "&#8203;";
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** One line of literal text: no HTML, links, images, mentions, issue references, mathematics or table cells come of it. */
export function markdownText(text: string): string {
  return text
    .replaceAll(/[\t\r\n]+/gu, " ")
    .replaceAll(invisible, showCodePoint)
    .replaceAll(/[\\`*_[\]|~$]/gu, String.raw`\$&`)
    .replaceAll(/&(?=#?\w+;)/gu, "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/#(?=\d)|(?<=\bgh)-(?=\d)/giu, `$&${linkBreak}`)
    .replaceAll("@", `@${linkBreak}`)
    .replaceAll("://", `${linkBreak}://`)
    .replaceAll(/\b(?=(?:www\.|mailto:|xmpp:))/giu, linkBreak)
    .replace(/^(\s*)([-+=#])/u, String.raw`$1\$2`)
    .replace(/^(\s*\d+)([.)])(?=\s|$)/u, String.raw`$1\$2`);
}

/** Several lines kept as they are in a fence that the text cannot close. */
export function markdownFence(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const body = text
    .split(/\r?\n/u)
    .map((line) => line.replaceAll("\t", "  ").replaceAll(invisible, showCodePoint))
    .join("\n");
  return `${fence}${language}\n${body}\n${fence}`;
}

/** A word in code style, whatever backticks it holds; an empty one is a dash. */
export function markdownCode(text: string): string {
  const clean = text.replaceAll(invisible, showCodePoint).replaceAll("|", "¦");
  if (clean.trim() === "") return "–";
  const longest = Math.max(0, ...(clean.match(/`+/gu) ?? []).map((run) => run.length));
  const ticks = "`".repeat(longest + 1);
  return longest === 0 ? `${ticks}${clean}${ticks}` : `${ticks} ${clean} ${ticks}`;
}

/** A table; cells are Markdown already. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [tableRow(titles), tableRow(titles.map(() => "---")), ...rows.map(tableRow)].join("\n");
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
