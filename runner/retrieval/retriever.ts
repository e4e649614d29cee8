/** Retrievers that are measured side by side. Each is given the records that are in force, and nothing else. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { Hit } from "./eval-metrics.ts";
import { indexInProcess } from "./in-process-index.ts";
import { openLanceIndex } from "./lance-index.ts";
import type { LanceLibrary } from "./lance-library.ts";
import { type Embedding, meaningOf } from "./meaning.ts";
import type { MemoryIndex } from "./memory-index.ts";
import { searchMemory } from "./search.ts";
import { wordsIn } from "./unit.ts";

export interface Retriever {
  readonly name: string;
  readonly prepare: (records: readonly StoredMemory[], asOf: string) => Promise<Prepared>;
}

export interface Prepared {
  readonly ask: (question: string, most: number) => Promise<readonly Hit[]>;
  readonly close: () => Promise<void>;
}

export const RANKER_IN_PROCESS: Retriever = {
  name: "ranker (in-process)",
  prepare: async (records, asOf) => asking(indexInProcess(records), asOf),
};

export function rankerOnLance(lance: LanceLibrary, scratch: string): Retriever {
  return {
    name: "ranker (LanceDB)",
    prepare: async (records, asOf) => {
      const root = await mkdtemp(join(scratch, "ranker-"));
      const files = new Map(records.map(({ path, blob }) => [path, blob]));
      const { index } = await openLanceIndex(
        { lance, root },
        {
          tree: null,
          overlay: new Map(),
          files: async () => files,
          changedSince: async () => null,
          read: async () => records,
        },
      );
      return asking(index, asOf, root);
    },
  };
}

/** The ranker with an embedder beside the words; `failed` is told why where it gives nothing, and words alone answer. */
export function rankerWith(embedding: Embedding, failed: (why: string) => void): Retriever {
  return {
    name: `ranker with ${embedding.embedder.id}`,
    prepare: async (records, asOf) => {
      const index = indexInProcess(records);
      return {
        ask: async (text, limit) => {
          const meant = await meaningOf(index, embedding, { text, namespaces: null });
          if (!meant.ok) failed(meant.why);
          else if (meant.without !== null) failed(meant.without.why);
          const meaning = meant.ok ? { meaning: meant.meaning } : {};
          const found = await searchMemory(index, { text, asOf, limit, filter: {}, ...meaning });
          return found.map(({ memory: { id }, score }) => ({ id, score }));
        },
        close: async () => index.close(),
      };
    },
  };
}

function asking(index: MemoryIndex, asOf: string, folder: string | null = null): Prepared {
  return {
    ask: async (text, limit) => {
      const found = await searchMemory(index, { text, asOf, limit, filter: {} });
      return found.map(({ memory: { id }, score }) => ({ id, score }));
    },
    close: async () => {
      index.close();
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** LanceDB's own full-text search, with its defaults. */
export function plainLance({ lancedb }: LanceLibrary, scratch: string): Retriever {
  return {
    name: "LanceDB full-text",
    prepare: async (records) => {
      const folder = await mkdtemp(join(scratch, "plain-"));
      const connection = await lancedb.connect(folder);
      const rows = records.map((memory) => ({ id: memory.id, text: wordsIn(memory) }));
      const table = await connection.createTable("records", rows);
      await table.createIndex("text", { config: lancedb.Index.fts() });
      return {
        ask: async (question, most) => {
          const query = table.query().fullTextSearch(question, { columns: ["text"] });
          const found = await query.select(["id", "_score"]).limit(most).toArray();
          return found.map(hitOf);
        },
        close: async () => {
          table.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

function hitOf(row: Readonly<Record<string, unknown>>): Hit {
  return { id: String(row["id"]), score: Number(row["_score"]) };
}

/** With its defaults; null where it is not installed: it is only there for development. */
export async function minisearch(): Promise<Retriever | null> {
  const loaded = await import("minisearch").catch(() => null);
  if (loaded === null) return null;
  return {
    name: "minisearch",
    prepare: async (records) => {
      const search = new loaded.default({ fields: ["text"] });
      search.addAll(records.map((memory) => ({ id: memory.id, text: wordsIn(memory) })));
      return {
        ask: async (question, most) =>
          search
            .search(question)
            .slice(0, most)
            .map(({ id, score }) => ({ id: String(id), score })),
        close: async () => undefined,
      };
    },
  };
}

/** What a module exports that wants to be measured: ids, best first, or hits with scores. */
export type Retrieve = (
  records: readonly StoredMemory[],
  question: string,
  most: number,
) => Promise<readonly (string | Hit)[]> | readonly (string | Hit)[];

export function givenRetriever(name: string, retrieve: Retrieve): Retriever {
  return {
    name,
    prepare: async (records) => ({
      ask: async (question, most) => {
        const found = await retrieve(records, question, most);
        return found.map((one, at) => (typeof one === "string" ? { id: one, score: -at } : one));
      },
      close: async () => undefined,
    }),
  };
}
