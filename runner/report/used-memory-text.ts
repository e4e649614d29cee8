/** The records behind a gate, as its decision record tells them: what each says, where it stands, which run wrote it. */
import type { MemoryBehind, UsedMemory } from "#runner/core/used-memory.ts";
import { markdownCode, markdownText } from "./markdown-text.ts";
import { listed } from "./words.ts";

const SHOWN = 20;

/** Markdown; empty where nothing was given and nothing is wrong. */
export function usedMemoryText({ used, notGiven }: MemoryBehind): string {
  const shown = used.slice(0, SHOWN).map(usedLine);
  const more = used.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`- and ${more} more: ${markdownCode("fettle explain <run>/<step>")}`] : []),
    ...notGiven.map(
      ({ unit, ids }) =>
        `- **${markdownCode(unit)} cites what it was not given**: ${ids.map(markdownCode).join(", ")}`,
    ),
    ...(used.length === 0
      ? []
      : ["", "Is one wrong? Edit its file on main: what is written next is told the new text."]),
  ].join("\n");
}

function usedLine({ id, units, isCited, memory }: UsedMemory): string {
  const who = listed(units.map(markdownCode));
  const how = isCited ? `cited by ${who}` : `given to ${who}`;
  if (memory === null) return `- ${markdownCode(id)}, ${how}, is not there any more.`;
  const { record, text, path } = memory;
  const { run, step } = record.source ?? {};
  const by =
    run === undefined ? "by hand" : markdownCode(step === undefined ? run : `${run}/${step}`);
  return [
    `- ${markdownText(record.subject)}: ${markdownText(beginning(text))}`,
    `  ${markdownCode(id)}, ${how}; in ${markdownCode(path)}; written ${run === undefined ? "" : "by "}${by}`,
  ].join("\n");
}

const LONGEST = 240;

function beginning(text: string): string {
  const letters = Array.from(text.replaceAll(/\s+/gu, " "));
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : letters.join("");
}
