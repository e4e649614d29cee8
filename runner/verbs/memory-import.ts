/** `fettle memory import`: records from lines of JSON, from a folder of Markdown, or from the memory file of a coding agent. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { bulletsOf } from "#runner/core/memory/memory-bullets.ts";
import type { StoredRecord } from "#runner/core/memory/memory-file.ts";
import {
  receivedMemory,
  type Incoming,
  type Received,
} from "#runner/core/memory/memory-transfer.ts";
import { readForgotten } from "#runner/loop/tombstones.ts";
import { incomingFile, incomingLine } from "#runner/schema/memory-source.ts";
import type { MemoryKind } from "#runner/schema/types.gen.ts";
import { changingMemory, type MemoryChange } from "./changing-memory.ts";
import type { SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ImportOptions {
  /** File or folder. */
  readonly from: string;
  /** Of what says nothing of it. */
  readonly namespace: string;
  /** Of bullets. */
  readonly kind: MemoryKind;
  readonly isTrusted: boolean;
  readonly keepsPins: boolean;
}

interface Source {
  /** From the folder that was named. */
  readonly path: string;
  readonly text: string;
}

type Unread = { readonly about: string; readonly reason: string };

export function memoryImportVerb(context: VerbContext, options: ImportOptions): Promise<Answer> {
  const sources = sourcesAt(resolve(context.start, options.from));
  if (sources === null) {
    const hint = "a .jsonl or .md file, or a folder of them";
    return Promise.resolve(refused("usage", `${options.from} cannot be read`, hint));
  }
  return changingMemory(context, async (memory) => {
    const parts = sources.map((source) => readSource(source, options));
    const received = await receive(
      memory,
      parts.flatMap(({ incoming }) => incoming),
      options,
    );
    const skipped = [...parts.flatMap(({ unread }) => unread), ...received.skipped];
    return changeOf(received.files, skipped);
  });
}

async function receive(
  { engine, sight, records, commit, at }: SeenMemory,
  incoming: readonly Incoming[],
  { isTrusted, keepsPins }: ImportOptions,
): Promise<Received> {
  const { workspace } = sight;
  return receivedMemory(incoming, {
    known: records,
    forgotten: await readForgotten(engine.store.reader, commit),
    secrets: engine.secretValues(workspace),
    namespaces: new Set(["org", ...workspace.projects.keys()]),
    isTrusted,
    keepsPins,
    at,
  });
}

function changeOf(files: Received["files"], skipped: readonly Unread[]): MemoryChange | Answer {
  const lines = skipped.map(({ about, reason }) => `  left out: ${about}: ${reason}\n`).join("");
  const count = `${files.length} ${files.length === 1 ? "record" : "records"}`;
  const json = { ids: files.map(({ id }) => id), skipped };
  if (files.length === 0) return { exit: "ok", text: `nothing new\n${lines}`, json };
  return {
    files: files.map(({ path, content }) => ({ path, content })),
    subject: `Import ${count} into memory`,
    text: `${count} imported\n${lines}`.trimEnd(),
    json,
  };
}

function sourcesAt(path: string): readonly Source[] | null {
  try {
    if (!statSync(path).isDirectory()) {
      return [{ path: basename(path), text: readFileSync(path, "utf8") }];
    }
    const names = readdirSync(path, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && /\.(?:md|jsonl)$/u.test(entry.name));
    return files
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => ({
        path: relative(path, file).split(sep).join("/"),
        text: readFileSync(file, "utf8"),
      }));
  } catch {
    return null;
  }
}

interface Read {
  readonly incoming: readonly Incoming[];
  readonly unread: readonly Unread[];
}

function readSource(source: Source, options: ImportOptions): Read {
  if (source.path.endsWith(".jsonl")) return readLines(source, options);
  if (source.text.startsWith("---")) return readRecord(source, options);
  const incoming = bulletsOf(source.text).map(({ subject, text }): Incoming => {
    const record: StoredRecord = { kind: options.kind, subject };
    return { namespace: options.namespace, record, text };
  });
  return { incoming, unread: [] };
}

function readLines({ path, text }: Source, { namespace }: ImportOptions): Read {
  const parts = text.split("\n").flatMap((line, at): Read[] => {
    if (line.trim() === "") return [];
    const found = incomingLine(line, namespace);
    return typeof found === "string"
      ? [{ incoming: [], unread: [{ about: `${path}:${at + 1}`, reason: found }] }]
      : [{ incoming: [found], unread: [] }];
  });
  return {
    incoming: parts.flatMap(({ incoming }) => incoming),
    unread: parts.flatMap(({ unread }) => unread),
  };
}

/** `<namespace>/<kind>/…` says whose it is; any other file belongs to what was named. */
function readRecord({ path, text }: Source, options: ImportOptions): Read {
  const [, named] = /^([a-z0-9-]+)\/(?:fact|decision|template|heuristic)\//u.exec(path) ?? [];
  const namespace = named ?? options.namespace;
  const found = incomingFile(text, namespace);
  if (typeof found !== "string") return { incoming: [found], unread: [] };
  return { incoming: [], unread: [{ about: path, reason: found }] };
}
