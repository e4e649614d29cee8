/** `fettle memory index`: the LanceDB index of this clone; free to be deleted. */
import type { Engine } from "#runner/loop/engine.ts";
import { pendingMemory } from "#runner/loop/memory-records.ts";
import { memorySource } from "#runner/loop/memory-source.ts";
import {
  bringUpToDate,
  filesInIndex,
  type LanceAnswer,
  MOST_FILES_IN_PROCESS,
  removeIndexes,
  verifyIndex,
} from "#runner/loop/open-memory.ts";
import { counted } from "#runner/report/words.ts";
import { looking } from "./looking.ts";
import type { Sight } from "./opened.ts";
import { type Answer, refused, type VerbContext } from "./verb.ts";

export type IndexAct = "stats" | "build" | "update" | "verify" | "clean";

export function memoryIndexVerb(context: VerbContext, act: IndexAct): Promise<Answer> {
  return looking(context, (sight, engine) => {
    switch (act) {
      case "build":
      case "update":
        return brought(engine, sight, act);
      case "verify":
        return verified(engine, sight);
      case "clean":
        return cleaned(engine);
      case "stats":
        return told(engine, sight);
    }
  });
}

function sourceOf(
  { store }: Engine,
  { workspace, observed }: Sight,
): ReturnType<typeof memorySource> {
  return memorySource(store.reader, workspace.commit, pendingMemory(observed.summaries));
}

async function brought(engine: Engine, sight: Sight, act: "build" | "update"): Promise<Answer> {
  const source = await sourceOf(engine, sight);
  const made = await bringUpToDate(engine, source, { fresh: act === "build" });
  if (made.kind === "missing") return withoutLance(made);
  const { how, files, index } = made.value;
  index.close();
  const text =
    how === "current" ? "The index is up to date.\n" : `${WORDS[how]} ${counted(files, "file")}.\n`;
  return { exit: "ok", text, json: { how, files, tree: source.tree } };
}

const WORDS = {
  updated: "The index was brought up to date with",
  built: "The index was made from",
} as const;

async function verified(engine: Engine, sight: Sight): Promise<Answer> {
  const checked = await verifyIndex(engine, await sourceOf(engine, sight));
  if (checked.kind === "missing") return withoutLance(checked);
  const difference = checked.value;
  if (difference === null) return noIndex();
  const { missing, phantom } = difference;
  if (missing.length + phantom.length === 0) {
    return { exit: "ok", text: "The index holds what memory holds.\n", json: difference };
  }
  const [first] = [...missing, ...phantom];
  const hint = "fettle memory index build   makes it anew";
  const what = `the index lacks ${counted(missing.length, "file")} and has ${phantom.length} too many, ${first} first`;
  return { ...refused("failed", what, hint), json: difference };
}

async function cleaned(engine: Engine): Promise<Answer> {
  await removeIndexes(engine);
  return {
    exit: "ok",
    text: "There is no index any more; a search makes one when it needs it.\n",
    json: {},
  };
}

async function told(engine: Engine, sight: Sight): Promise<Answer> {
  const source = await sourceOf(engine, sight);
  const [indexed, files] = await Promise.all([filesInIndex(engine, source), source.files()]);
  const used = files.size > MOST_FILES_IN_PROCESS ? "lancedb" : "in-process";
  const json = { files: files.size, indexed, used, tree: source.tree };
  const index = indexed === null ? "none of them as they are now" : counted(indexed, "file");
  const search =
    used === "lancedb"
      ? "A search uses the index and brings it up to date."
      : `A search reads them all: up to ${MOST_FILES_IN_PROCESS} that is faster than the index.`;
  return {
    exit: "ok",
    text: `Memory has ${counted(files.size, "file")}, the index ${index}.\n${search}\n`,
    json,
  };
}

function withoutLance({ why }: Extract<LanceAnswer<unknown>, { kind: "missing" }>): Answer {
  const hint =
    "a search does without it; npm ci   installs it where there is a build for the system (none for musl)";
  return refused("temporary", `LanceDB cannot load: ${why}`, hint);
}

function noIndex(): Answer {
  const hint = "fettle memory index build   makes one";
  return refused("failed", "there is no index of memory as it is now", hint);
}
