/** Memory records as text for people. */
import type { MemoryStanding } from "#runner/core/memory-standing.ts";
import type { StoredMemory } from "#runner/core/memory-file.ts";
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
  const columns = [
    { title: "ID" },
    { title: "NAMESPACE", shrinkTo: 6 },
    { title: "KIND" },
    { title: "SUBJECT", shrinkTo: 12 },
    { title: "SAYS", shrinkTo: 20 },
    { title: "STANDS" },
  ];
  const rows = records.map((memory) => [
    memory.id,
    memory.namespace,
    memory.record.kind,
    aboutOf(memory),
    firstLine(memory.text),
    standingPiece(memory),
  ]);
  const total: Line = [toned("dim", counted(records.length, "record"))];
  return printLines([...tableLines({ columns, rows }, look), total], look);
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

function standingWords(standing: MemoryStanding): string {
  switch (standing.kind) {
    case "active":
      return "in force";
    case "retracted":
      return `retracted by ${standing.by}`;
    case "superseded":
      return `superseded by ${standing.by}`;
    case "upcoming":
      return `holds from ${standing.from}`;
    case "over":
      return `over since ${standing.since}`;
    case "expired":
      return `expired on ${standing.since.slice(0, 10)}`;
  }
}
