/** `fettle memory export`: every record, as lines or as files. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exportedMemory } from "#runner/core/memory/memory-transfer.ts";
import { renderMemoryFile } from "#runner/core/memory/memory-file.ts";
import { seeingMemory, type KnownMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ExportOptions {
  /** Folder for Markdown files; null: lines of JSON to standard output. */
  readonly markdown: string | null;
  readonly namespace: string | null;
  readonly asOf: string | null;
}

/** Also what is not in force: where it goes, the history of an answer counts too. */
export function memoryExportVerb(context: VerbContext, options: ExportOptions): Promise<Answer> {
  const { markdown, namespace, asOf } = options;
  return seeingMemory(context, asOf, ({ records }) => {
    const shown = records.filter((record) => namespace === null || record.namespace === namespace);
    if (markdown !== null) return writeFiles(resolve(context.start, markdown), shown);
    const lines = shown.map((memory) => JSON.stringify(exportedMemory(memory)));
    const text = lines.map((line) => `${line}\n`).join("");
    return { exit: "ok", text, json: shown.map(exportedMemory) };
  });
}

function writeFiles(folder: string, records: readonly KnownMemory[]): Answer {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    return refused("usage", `${folder} is not empty`, "name a folder that is not there yet");
  }
  const files = records.filter(({ record }) => record.kind !== "episode");
  for (const { path, record, text } of files) {
    const file = join(folder, path.replace(/^memory\//u, ""));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, renderMemoryFile(record, text));
  }
  const text = `${files.length} records in ${folder}\n`;
  return { exit: "ok", text, json: { folder, records: files.length } };
}
