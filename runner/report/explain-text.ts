/** An explanation on one screen. */
import { labelled, paragraph, printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { usd } from "./money.ts";
import { payloadLines } from "./payload-text.ts";
import { relativeTime } from "./when.ts";
import { shellCommand } from "./words.ts";
import { burialWords } from "#runner/core/payload-tombstones.ts";
import { branchName, payloadRef } from "#runner/core/ref-names.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import type { Explained } from "#runner/core/explain/explain.ts";
import type { Explanation, Fact, Section } from "#runner/core/explanation.ts";

/** The explanation, or what else the name could have meant. */
export function renderExplained(thing: string, explained: Explained, look: Look): string {
  switch (explained.kind) {
    case "explained":
      return renderExplanation(explained.explanation, look);
    case "ambiguous":
      return printLines(
        [
          [`"${thing}" can mean several things:`],
          ...explained.candidates.map((name) => [`  fettle explain ${shellWord(name)}`]),
        ],
        look,
      );
    case "unknown":
      return printLines(unknownLines(thing, explained.near), look);
  }
}

function unknownLines(thing: string, near: readonly string[]): Line[] {
  const [closest, ...others] = near;
  return [
    [`Nothing is called "${thing}": no project, pipeline, goal, agent, run, step, gate or effect.`],
    ...(closest === undefined
      ? [["List the runs with: fettle runs"]]
      : [
          [`Did you mean: fettle explain ${shellWord(closest)}`],
          ...others.map((name) => [`          or: fettle explain ${shellWord(name)}`]),
        ]),
  ];
}

function renderExplanation(explanation: Explanation, look: Look): string {
  const { title, summary, sections } = explanation;
  return printLines(
    [
      [toned("strong", title)],
      ...(summary === "" ? [] : paragraph(summary, 0, look)),
      ...sections.flatMap((section) => sectionLines(section, look)),
    ],
    look,
  );
}

function sectionLines({ title, facts }: Section, look: Look): Line[] {
  const shown = facts.filter(({ kind }) => look.verbose || kind !== "digest");
  if (shown.length === 0) return [];
  const widest = Math.max(...shown.map(({ label }) => label.length));
  const place = { indent: 2, labelWidth: Math.min(24, widest) + 2, look };
  return [
    [],
    [toned("strong", title.toUpperCase())],
    ...shown.flatMap((fact) => [
      ...labelled(fact.label, valueText(fact, look), place),
      ...(fact.kind === "payload" && fact.text !== null
        ? payloadLines(fact.of, fact.text, look)
        : []),
    ]),
  ];
}

function valueText(fact: Fact, look: Look): string {
  switch (fact.kind) {
    case "text":
      return fact.text;
    case "money":
      return usd(fact.micros);
    case "instant":
      return relativeTime(fact.at, look.now);
    case "commit":
      return look.verbose ? fact.id : fact.id.slice(0, 7);
    case "digest":
      return fact.digest;
    case "payload":
      if (fact.gone !== undefined) return burialWords(fact.gone);
      if (fact.text === null) return notHereText(fact.citation.month);
      return look.verbose ? fact.citation.digest : "";
    case "command":
      return shellCommand(fact.words);
  }
}

function notHereText(month: string): string {
  const branch = branchName(payloadRef(month));
  return `not in this clone, or not kept any more: git fetch origin ${branch}:${branch}`;
}
