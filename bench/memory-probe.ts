/** `node bench/memory-probe.ts <folder> <what>`: one thing done with a memory in a process of its own; prints what it took. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { memorySource } from "#runner/loop/memory-source.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { openRepository } from "#runner/repo/repository.ts";
import { percentile } from "#runner/retrieval/eval-metrics.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import { loadLance } from "#runner/retrieval/lance-library.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import { searchMemory } from "#runner/retrieval/search.ts";
import { studioYear } from "./grown-memory.ts";

process.env["LANCE_LOG"] = "error";
const [folder = "", what = ""] = process.argv.slice(2);
const { questions, asOf } = studioYear();
const asked = questions.slice(0, 200).map(({ question }) => question);

const began = performance.now();
const opened = await openRepository({ start: folder, environment: process.env, allowBare: false });
if (opened.kind !== "opened") throw new Error(opened.kind);
const reader = new ObjectReader(opened.repository.own);
const main = await reader.resolve("refs/heads/main^{commit}");
const source = await memorySource(reader, main?.oid ?? "", new Map());
const result = await measured();
await reader.close();
process.stdout.write(
  JSON.stringify({ ...result, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }),
);

async function measured(): Promise<object> {
  if (what === "minisearch") return peer();
  if (what === "in-process") {
    const index = indexInProcess(await source.read(await source.files()));
    return { ...took(), ...(await answers(index)) };
  }
  const [loaded, { openLanceIndex }] = await Promise.all([
    loadLance(),
    import("#runner/retrieval/lance-index.ts"),
  ]);
  if (loaded.kind === "missing") throw new Error(loaded.why);
  const { lance } = loaded;
  const root = join(folder, ".git", what === "fresh" ? "fresh-index" : "memory-index");
  if (what === "build" || what === "fresh") rmSync(root, { recursive: true, force: true });
  const { index, how, files } = await openLanceIndex({ lance, root }, source);
  return { ...took(), how, files, ...(await answers(index)) };
}

/** Until now, the start of Node included in the time of the processor. */
function took(): object {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

/** All that minisearch is given is read and parsed the same way. */
async function peer(): Promise<object> {
  const { default: MiniSearch } = await import("minisearch");
  const records = await source.read(await source.files());
  const search = new MiniSearch({ fields: ["text"] });
  search.addAll(records.map(({ id, text }) => ({ id, text })));
  return { ...took(), ...(await timed(async (text) => search.search(text).slice(0, 10))) };
}

async function answers(index: MemoryIndex): Promise<object> {
  return timed(async (text) => {
    const found = await searchMemory(index, { text, asOf, limit: 10, filter: {} });
    return found.map(({ memory: { id }, score }) => [id, score]);
  });
}

async function timed(ask: (text: string) => Promise<readonly unknown[]>): Promise<object> {
  const times: number[] = [];
  const given: unknown[] = [];
  for (const text of asked) {
    const start = performance.now();
    given.push(await ask(text));
    times.push(performance.now() - start);
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), given };
}
