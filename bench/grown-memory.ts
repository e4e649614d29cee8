/** Repositories with a memory of any size: the fixture's year, told again of other clients. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderMemoryFile, type StoredMemory } from "#runner/core/memory/memory-file.ts";
import { fixtureGroup, type EvalGroup } from "#runner/retrieval/eval-set.ts";
import { readFileSync } from "node:fs";
import { ROOT } from "./program.ts";

export function studioYear(): EvalGroup {
  const [records = "", questions = ""] = ["records", "questions"].map((name) =>
    readFileSync(join(ROOT, "test", "retrieval", "fixture", `${name}.jsonl`), "utf8"),
  );
  return fixtureGroup(records, questions);
}

/** Every record a file of its own, which is the slowest that memory can be. */
export function makeMemory(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), "fettle-bench-memory-"));
  mkdirSync(folder, { recursive: true });
  git(folder, ["init", "--quiet", "--initial-branch=main"]);
  const files = grownFiles(count);
  git(folder, ["fast-import", "--quiet"], importOf(files, "year"));
  return folder;
}

/** Edits ten records and removes three, in one commit. */
export function changeMemory(folder: string): void {
  const paths = git(folder, ["ls-tree", "-r", "--name-only", "main", "memory/"]).trim().split("\n");
  const step = Math.floor(paths.length / 13);
  const chosen = Array.from({ length: 13 }, (_, at) => paths[at * step] ?? "");
  const commands = chosen.map((path, at) =>
    at < 3 ? `D ${path}\n` : inline(path, edited(git(folder, ["show", `main:${path}`]), at)),
  );
  git(
    folder,
    ["fast-import", "--quiet"],
    `${head("change")}from refs/heads/main^0\n${commands.join("")}`,
  );
}

function edited(text: string, at: number): string {
  return `${text.trimEnd()} Halden Brewery was told on ${at + 1} May.\n`;
}

function grownFiles(count: number): readonly (readonly [path: string, text: string])[] {
  const { records } = studioYear();
  return Array.from({ length: count }, (_, at) => {
    const copy = Math.floor(at / records.length);
    const memory = records[at % records.length];
    return memory === undefined ? ["", ""] : fileOf(memory, { at, copy });
  });
}

const NAMES =
  /\b(?:Halden|Okafor|Lindqvist|Bluebird|Marrow|Tanaka|Quarry|Vesta|Northgate|Pellegrini|Rook|Saltmarsh|Ember|Dovetail)\b/gu;

/** The first year keeps its clients; in every other one they have other names. */
function fileOf(
  { namespace, record, text }: StoredMemory,
  { at, copy }: { readonly at: number; readonly copy: number },
): readonly [string, string] {
  const named = copy === 0 ? text : text.replaceAll(NAMES, (name) => `${name}${copy}`);
  const { subject, attribute, recordedAt } = record;
  const front = {
    kind: "fact" as const,
    subject: copy === 0 ? subject : `${subject}-${copy}`,
    ...(attribute !== undefined && { attribute }),
    ...(recordedAt !== undefined && { recordedAt }),
  };
  const path = `memory/${namespace}/fact/y${copy}/r${at}.md`;
  return [path, renderMemoryFile(front, named)];
}

function importOf(files: readonly (readonly [string, string])[], message: string): string {
  return `${head(message)}${files.map(([path, text]) => inline(path, text)).join("")}`;
}

function head(message: string): string {
  return `commit refs/heads/main\ncommitter Ada <ada@northwind.example> 1772442000 +0000\ndata ${message.length}\n${message}\n`;
}

function inline(path: string, text: string): string {
  return `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}

function git(folder: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("git", ["-C", folder, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
  return stdout;
}
