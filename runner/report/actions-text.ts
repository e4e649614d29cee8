/** What GitHub Actions reads of a step: outputs, a summary, and a log in which no line is a command. */
import { markdownFence, markdownTable, markdownText } from "./markdown-text.ts";

/** Lines for the file of outputs; `random` stands in none of the values. */
export function outputText(values: Readonly<Record<string, string>>, random: string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}<<${random}\n${value}\n${random}\n`)
    .join("");
}

/** The text as a part of the log: whatever it says, the runner of the job takes no command from it. */
export function quietText(text: string, random: string): string {
  return `::stop-commands::${random}\n${text.trimEnd()}\n::${random}::\n`;
}

/** GitHub drops a summary above 1 MiB. */
const LONGEST_SUMMARY = 900_000;

export interface SummaryPart {
  readonly title: string;
  /** As a terminal shows it. */
  readonly text: string;
}

/** Texts under their titles, each in a fence that it cannot close. */
export function summaryText(parts: readonly SummaryPart[]): string {
  const sections = parts
    .filter(({ text }) => text.trim() !== "")
    .map(({ title, text }) => `### ${title}\n\n${markdownFence(text.trimEnd(), "text")}\n`);
  const whole = sections.join("\n");
  if (Buffer.byteLength(whole) <= LONGEST_SUMMARY) return whole;
  const [first = ""] = sections;
  const cut = Buffer.from(first).subarray(0, LONGEST_SUMMARY).toString();
  return `${cut}\n\`\`\`\n\nand more: fettle status and fettle timeline show it\n`;
}

interface ShownLane {
  readonly lane: string;
  readonly secrets: readonly string[];
  readonly places: readonly (readonly string[])[];
  readonly minutes: number;
}

/** The lanes of a plan, as a table. */
export function lanesTable(lanes: readonly ShownLane[]): string {
  const rows = lanes.map(({ lane, secrets, places, minutes }) => {
    return [
      lane,
      String(places.flat().length),
      String(minutes),
      secrets.map(markdownText).join(", ") || "–",
    ];
  });
  return `${markdownTable(["Lane", "Steps", "Minutes", "Secrets"], rows)}\n`;
}
