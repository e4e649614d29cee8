/** What the check of a pull request tells, for the comment under it. */
import type { SummaryPart } from "./actions-text.ts";
import { cutMarkdown } from "./cut-markdown.ts";
import { markdownCode, markdownFence, markdownText } from "./markdown-text.ts";
import type { ChangedForecast } from "#runner/core/changed-forecast.ts";
import { forecastWords } from "#runner/core/forecast-words.ts";

/** From one machine to another: plain words, which become Markdown where they are shown. */
export interface CheckReport {
  readonly isValid: boolean;
  readonly parts: readonly SummaryPart[];
}

/** GitHub takes 65,536 characters. */
const LONGEST = 60_000;
const LONGEST_PART = 25_000;
const REST = "**The rest does not fit here**: it stands in the summary of the check.";

/** Each part in a fence that it cannot close, whoever has written it. */
export function checkText({ isValid, parts }: CheckReport, commit: string): string {
  const verdict = isValid
    ? "The files are valid."
    : "**The files are not valid**: each error is annotated at its line.";
  const rules =
    "by the policy, the operators, the budgets and the attention of main; nothing of it was executed";
  const sections = parts
    .filter(({ text }) => text.trim() !== "")
    .map(({ title, text }) =>
      cutMarkdown(
        `### ${markdownText(title)}\n\n${markdownFence(text.trimEnd(), "text")}`,
        LONGEST_PART,
        REST,
      ),
    );
  const head = `## What main would become with ${markdownCode(commit.slice(0, 12))}\n\n${verdict} What follows is told ${rules}.`;
  return `${cutMarkdown([head, ...sections].join("\n\n"), LONGEST, REST)}\n`;
}

const SHOWN = 50;

/** Plain lines: a run of each pipeline that is changed, before and after. */
export function changedForecastText(changed: readonly ChangedForecast[]): string {
  const lines = changed.slice(0, SHOWN).flatMap(({ of, before, after }) => {
    const [was, is] = [before, after].map((one) => (one === null ? null : forecastWords(one)));
    if (is === null || is === undefined) return [`a run of ${of}: is gone`];
    if (was === is) return [`a run of ${of}: as before, ${is}`];
    return [
      `a run of ${of}: ${is}`,
      ...(was === null || was === undefined ? [] : [`  before: ${was}`]),
    ];
  });
  const left = changed.length - SHOWN;
  return [...lines, ...(left > 0 ? [`and ${left} more`] : [])].map((line) => `${line}\n`).join("");
}
