/** Memory records as text for people. */
import type { MemoryStanding } from "#runner/core/memory/memory-standing.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { MemoryFinding } from "#runner/core/memory/memory-lint.ts";
import type { MemoryCount, MemoryStats } from "#runner/core/memory/memory-stats.ts";
import { standingWords } from "#runner/core/memory/memory-words.ts";
import { printLines, toned, type Line, type Piece } from "./lines.ts";
import type { Look } from "./look.ts";
import { tableLines } from "./table.ts";
import { counted } from "./words.ts";

interface Listed extends StoredMemory {
  readonly standing: MemoryStanding;
  readonly isPending: boolean;
}

/** One line a record. */
export function renderMemoryList(records: readonly Listed[], look: Look): string {
  if (records.length === 0) {
    const hint = "Nothing is remembered that fits. With --all also what is not in force any more";
    return printLines([[hint]], look);
  }
  const isNarrow = look.isNarrow && look.width < ROOM_FOR_ALL;
  const cells = listCells(isNarrow).filter(
    ({ isLeftOut = false }) => !isLeftOut || !look.isNarrow || look.width >= ROOM_FOR_PLACE,
  );
  const rows = records.map((memory) => cells.map(({ of }) => of(memory)));
  const total: Line = [toned("dim", counted(records.length, "record"))];
  return printLines([...tableLines({ columns: cells, rows }, look), total], look);
}

/** Columns that a terminal needs for whole ids, and for namespace and kind. */
const ROOM_FOR_ALL = 110;
const ROOM_FOR_PLACE = 72;
const SHORT_ID = 8;

interface ListCell {
  readonly title: string;
  readonly shrinkTo?: number;
  /** Where there is no room for all. */
  readonly isLeftOut?: boolean;
  readonly of: (memory: Listed) => string | Piece;
}

function listCells(isNarrow: boolean): readonly ListCell[] {
  const stands = { title: "STANDS", of: standingPiece };
  return [
    { title: "ID", of: ({ id }) => (isNarrow ? shortId(id) : id) },
    { title: "NAMESPACE", shrinkTo: 6, isLeftOut: true, of: ({ namespace }) => namespace },
    { title: "KIND", isLeftOut: true, of: ({ record }) => record.kind },
    { title: "SUBJECT", shrinkTo: 8, of: aboutOf },
    { title: "SAYS", shrinkTo: 12, of: ({ text }) => firstLine(text) },
    isNarrow ? { ...stands, shrinkTo: 8 } : stands,
  ];
}

/** What is typed to name it; an episode is named by its run. */
function shortId(id: string): string {
  return id.startsWith("mem_") ? id.slice("mem_".length, "mem_".length + SHORT_ID) : id;
}

function aboutOf({ record: { subject, attribute } }: StoredMemory): string {
  return attribute === undefined ? subject : `${subject} (${attribute})`;
}

const LONGEST_LINE = 100;

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

function standingPiece(memory: Listed): Piece {
  const { isPending, record, standing } = memory;
  if (standing.kind !== "active") return toned("dim", standingWords(standing));
  if (isPending) return toned("warn", "waits for delivery");
  return record.pinned === true ? toned("good", "pinned") : toned("good", "in force");
}

/** What is wrong, each with what to do. */
export function renderMemoryFindings(findings: readonly MemoryFinding[], look: Look): string {
  if (findings.length === 0) return printLines([["Nothing contradicts anything."]], look);
  const lines = findings.flatMap(({ severity, rule, path, message, hint }): Line[] => [
    [toned(severity === "error" ? "bad" : "warn", severity), ` ${rule}  ${path}`],
    [`  ${message}`],
    [toned("dim", `  ${hint}`)],
  ]);
  return printLines(lines, look);
}

/** What a review is about: each record with why somebody should look at it. */
export interface ReviewItem {
  readonly what: string;
  readonly lines: readonly string[];
}

export function renderMemoryReview(items: readonly ReviewItem[], look: Look): string {
  if (items.length === 0) return printLines([["Nothing needs a look."]], look);
  const lines = items.flatMap(({ what, lines: details }): Line[] => [
    [toned("strong", what)],
    ...details.map((line): Line => [`  ${line}`]),
  ]);
  return printLines(lines, look);
}

interface Going {
  readonly memory: StoredMemory;
  readonly rule: string;
}

/** What goes and why. */
export function renderPruned(going: readonly Going[], isDone: boolean, look: Look): string {
  if (going.length === 0) return printLines([["Nothing is old enough to go."]], look);
  const columns = [{ title: "ID" }, { title: "ABOUT", shrinkTo: 12 }, { title: "BECAUSE" }];
  const rows = going.map(({ memory, rule }) => [memory.id, aboutOf(memory), rule]);
  const count = counted(going.length, "record");
  const last = isDone
    ? `${count} removed from main; git keeps them`
    : `${count} would go: fettle memory prune --yes   does it`;
  return printLines([...tableLines({ columns, rows }, look), [last]], look);
}

/** How much there is, by namespace and kind. */
export function renderMemoryStats({ counts, total }: MemoryStats, look: Look): string {
  const columns = [
    { title: "NAMESPACE", shrinkTo: 8 },
    { title: "KIND" },
    { title: "RECORDS", align: "right" as const },
    { title: "IN FORCE", align: "right" as const },
    { title: "BYTES", align: "right" as const },
    { title: "GIVEN", align: "right" as const },
    { title: "CITED", align: "right" as const },
  ];
  const rows = counts.map((count) => [count.namespace, count.kind, ...countCells(count)]);
  const all = ["all", "", ...countCells(total)];
  return printLines(tableLines({ columns, rows: [...rows, all] }, look), look);
}

function countCells(count: Omit<MemoryCount, "namespace" | "kind">): readonly string[] {
  return [count.records, count.active, count.bytes, count.given, count.cited].map(String);
}
