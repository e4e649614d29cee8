/** What a search of memory found, as text for people. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { type Line, paragraph, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";
import { counted } from "./words.ts";

interface Found {
  readonly memory: StoredMemory;
  readonly score: number;
  readonly why: Why;
}

interface Why {
  readonly bm25: number;
  readonly neighbours: number;
  readonly run: number;
  readonly coverage: number;
  readonly boosts: number;
  readonly subject: number;
  readonly meaning?: number;
}

export function renderFoundMemory(
  found: readonly Found[],
  look: Look,
  { explain }: { readonly explain: boolean },
): string {
  if (found.length === 0) {
    return printLines([["Nothing that is in force has to do with it."]], look);
  }
  const lines = found.flatMap((one): Line[] => [
    ...headOf(one),
    ...paragraph(one.memory.text, 2, look),
    ...(explain ? [[toned("dim", `  ${whyWords(one)}`)]] : []),
  ]);
  return printLines([...lines, [toned("dim", counted(found.length, "record"))]], look);
}

function headOf({ memory }: Found): Line[] {
  const { id, namespace, record } = memory;
  const { kind, subject, attribute, recordedAt, trust } = record;
  const about = attribute === undefined ? subject : `${subject} (${attribute})`;
  const day = recordedAt === undefined ? "" : `  ${recordedAt.slice(0, 10)}`;
  const outside = trust === "external" ? [toned("warn", "  from outside")] : [];
  return [[toned("strong", id), `  ${namespace}  ${kind}  ${about}${day}`, ...outside]];
}

/** `12.3 = (words 4.1 + beside it 2.0 + its run 3.2) × 1.43 for what is said of the question × 0.92 for age, trust …` */
function whyWords({ score, why }: Found): string {
  const { bm25, neighbours, run, coverage, boosts, subject, meaning = 0 } = why;
  const sum = `words ${short(bm25)} + beside it ${short(neighbours)} + its run ${short(run)}`;
  const about = subject === 0 ? "" : ` + ${short(subject)} for its subject`;
  const meant = meaning === 0 ? "" : ` + ${short(meaning)} for what it means`;
  return `${short(score)} = (${sum}) × ${short(coverage)} for how much is said × ${short(boosts)} for who, when, length, age and confidence${about}${meant}`;
}

function short(value: number): string {
  return value.toFixed(2);
}
