/** `fettle agents test`: the contract cases of agents, with the files as they are on disk. No model is asked, no address called. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closest } from "#runner/core/suggest.ts";
import { type ContractOutcome, renderContracts } from "#runner/report/contract-text.ts";
import type { TestedAgent } from "#runner/runtimes/contract.ts";
import { readManifest } from "#runner/schema/manifest.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import { resolveWorkspace, type ResolvedWorkspace } from "#runner/schema/resolve-workspace.ts";
import { filesOnDisk, type DiskFiles } from "./disk-files.ts";
import { reading, STOPPED_EARLY } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** `wanted`: names of agents; all when empty. */
export function agentsTestVerb(context: VerbContext, wanted: readonly string[]): Promise<Answer> {
  return reading(context, async ({ repository }) => {
    const files = await filesOnDisk(repository);
    if (files === null)
      return refused("usage", "there is no work tree with agents", "run it in a clone with files");
    const names = files.paths.flatMap((path) => nameAt(path) ?? []);
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown !== undefined) return noSuchAgent(unknown, names);
    const asked = casesOf(files, wanted.length === 0 ? names : wanted);
    const workRoot = mkdtempSync(join(tmpdir(), "fettle-contract-"));
    try {
      const outcomes = await testedIn(context, { files, asked, workRoot });
      return context.signal.aborted ? STOPPED_EARLY : answerOf(context, outcomes);
    } finally {
      rmSync(workRoot, { recursive: true, force: true });
    }
  });
}

/** The agent whose manifest stands there. */
function nameAt(path: string): string | undefined {
  const place = manifestAt(path);
  return place?.kind === "agent" ? place.name : undefined;
}

function noSuchAgent(name: string, names: readonly string[]): Answer {
  const near = closest(name, names);
  const hint = near === undefined ? "fettle agents test   tests all" : `did you mean ${near}?`;
  return refused("usage", `there is no agent ${name}`, hint);
}

interface Case {
  readonly agent: string;
  readonly path: string;
}

function casesOf({ paths }: DiskFiles, agents: readonly string[]): readonly Case[] {
  return paths.flatMap((path) => {
    const place = manifestAt(path);
    if (place?.kind !== "contract" || place.owner === null) return [];
    return agents.includes(place.owner) ? [{ agent: place.owner, path }] : [];
  });
}

interface Testing {
  readonly files: DiskFiles;
  readonly asked: readonly Case[];
  readonly workRoot: string;
}

async function testedIn(
  context: VerbContext,
  { files, asked, workRoot }: Testing,
): Promise<readonly ContractOutcome[]> {
  const { signal, environment } = context;
  const { runContract } = await import("#runner/runtimes/contract.ts");
  const options = { signal, workRoot, programPath: environment["PATH"] ?? "/usr/bin:/bin" };
  const resolved = resolveWorkspace(files);
  const outcomes: ContractOutcome[] = [];
  for (const one of asked) {
    if (signal.aborted) break;
    const { value } = readManifest("contract", one.path, files.textOf(one.path));
    const tested = testedAgent(one.agent, files, resolved);
    const problems =
      value === null || tested === null
        ? [INVALID]
        : (await runContract(value, tested, options)).problems;
    outcomes.push({ ...one, problems });
  }
  return outcomes;
}

const INVALID = "the case or its agent is not valid: fettle validate   says why";

/** null where its manifest is not valid. */
function testedAgent(
  name: string,
  { top, paths }: DiskFiles,
  { agents, shared: schemas }: ResolvedWorkspace,
): TestedAgent | null {
  const manifest = agents.get(name);
  if (manifest === undefined) return null;
  const folder = paths.filter((path) => path.startsWith(`agents/${name}/`));
  return {
    // Nothing is recorded that could name a version.
    agent: { name, tree: "0".repeat(40), manifest },
    folder: folder.map((path) => ({
      path,
      content: readFileSync(join(top, path)),
      executable: (statSync(join(top, path)).mode & 0o111) !== 0,
    })),
    schemas,
  };
}

function answerOf({ look }: VerbContext, outcomes: readonly ContractOutcome[]): Answer {
  const isMet = outcomes.every(({ problems }) => problems.length === 0);
  return { exit: isMet ? "ok" : "failed", text: renderContracts(outcomes, look), json: outcomes };
}
