/** Runs the contract cases of an agent: given inputs and files, this must come out. */
import { isJsonObject } from "#runner/core/json-object.ts";
import { isDeepStrictEqual } from "node:util";
import { digestOf } from "#runner/core/canonical-json.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import type {
  ContractCase,
  ContractMemory,
  ExpectedFile,
  ExpectedMemory,
} from "#runner/schema/types.gen.ts";
import { execute, type ExecuteOptions } from "./execute.ts";
import type { InjectedMemory, Invocation, RepositoryFile, Result } from "./invocation.ts";

export interface ContractReport {
  readonly name: string;
  /** What came out otherwise than expected; empty when the case is met. */
  readonly problems: readonly string[];
  readonly result: Result;
}

const PROJECT = { name: "example", dir: "projects/example" };
const AS_OF = "2026-01-01T00:00:00.000Z";
const TIMEOUT_MS = 60_000;

export interface TestedAgent {
  readonly agent: AgentVersion;
  /** All of `agents/<name>/`. */
  readonly folder: readonly RepositoryFile[];
  /** Shared schemas of the workspace that the agent's own may name. */
  readonly schemas?: Invocation["schemas"];
}

/**
 * Executes one case. No model is asked and no function called: a ladder ends at what needs none.
 * The agent sees the case's files as far as its `reads` name them.
 */
export async function runContract(
  contract: ContractCase,
  tested: TestedAgent,
  options: ExecuteOptions,
): Promise<ContractReport> {
  const { rung: onlyRung } = contract;
  const invocation = invocationOf(contract, tested);
  let saved = invocation.checkpoints ?? new Map<string, unknown>();
  const result = await execute(invocation, {
    ...options,
    isOffline: true,
    save: (checkpoints) => {
      saved = checkpoints;
    },
    ...(onlyRung !== undefined && { onlyRung }),
  });
  const { checkpoints = {} } = contract.expect;
  const problems = [
    ...problemsOf(contract, result),
    ...differences(checkpoints, Object.fromEntries(saved), "checkpoints"),
  ];
  return { name: contract.name, problems, result };
}

function invocationOf(
  contract: ContractCase,
  { agent, folder, schemas = {} }: TestedAgent,
): Invocation {
  const { name, inputs, asOf = AS_OF, memory = [], secrets = {}, history = {} } = contract;
  const { checkpoints = {} } = contract;
  const { reads = [], writes = [], effects } = agent.manifest;
  const globs = (templates: readonly string[]): string[] => evaluatedGlobs(templates, inputs);
  const readable = globs(reads);
  const given = givenFiles(contract, agent, folder).filter(({ path }) =>
    matchesAnyGlob(readable, path),
  );
  return {
    run: "contract.000000000000",
    step: "contract",
    item: null,
    attempt: 1,
    key: digestOf(name),
    project: PROJECT.name,
    projectDir: PROJECT.dir,
    asOf,
    agent,
    inputs,
    files: [...folder, ...given],
    writes: globs(writes),
    history,
    memory: memory.map(injected),
    secrets,
    checkpoints: new Map(Object.entries(checkpoints)),
    models: {},
    schemas,
    timeoutMs: TIMEOUT_MS,
    ...(effects === "external" && { effectKey: digestOf({ effect: name }) }),
  };
}

function evaluatedGlobs(templates: readonly string[], inputs: ContractCase["inputs"]): string[] {
  return templates.flatMap((template) => {
    const glob = evaluateValue(template, { inputs, project: PROJECT });
    return glob.ok && typeof glob.value === "string" ? [glob.value] : [];
  });
}

/** The files of the case and of its fixture folder; the case's own win. */
function givenFiles(
  { files = {}, fixture }: ContractCase,
  agent: AgentVersion,
  folder: readonly RepositoryFile[],
): RepositoryFile[] {
  const prefix = `agents/${agent.name}/contract/${fixture ?? ""}/`;
  const laidOut = folder
    .filter(({ path }) => fixture !== undefined && path.startsWith(prefix))
    .map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
  const written = Object.entries(files).map(([path, text]) => ({
    path,
    content: new TextEncoder().encode(text),
    executable: false,
  }));
  const all = [...laidOut, ...written].map((file) => [file.path, file] as const);
  return [...new Map(all).values()];
}

function injected(record: ContractMemory): InjectedMemory {
  const id = `mem_${shortDigest(record, 16)}`;
  return { ...record, id, trust: "operator", confidence: 1, recordedAt: null };
}

function problemsOf({ expect }: ContractCase, result: Result): string[] {
  const told = [result.reason, result.rationale].find(Boolean) ?? "";
  const outcome =
    result.outcome === expect.outcome
      ? []
      : [`outcome is ${result.outcome}, not ${expect.outcome}${told && `: ${told}`}`];
  return [
    ...outcome,
    ...differences(expect.outputs ?? {}, result.outputs ?? {}, "outputs"),
    ...Object.entries(expect.files ?? {}).flatMap(([path, file]) =>
      fileProblems(path, file, result),
    ),
    ...(expect.memory ?? []).flatMap((record) => memoryProblems(record, result)),
  ];
}

/** Where `actual` lacks what `expected` says; members of objects that are not named do not count. */
function differences(expected: unknown, actual: unknown, place: string): string[] {
  if (isJsonObject(expected) && isJsonObject(actual)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, actual[key], `${place}.${key}`),
    );
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((value: unknown, index) =>
      differences(value, actual[index], `${place}[${index}]`),
    );
  }
  if (isDeepStrictEqual(expected, actual)) return [];
  return [`${place} is ${shown(actual)}, not ${shown(expected)}`];
}

function fileProblems(path: string, expected: ExpectedFile, { files }: Result): string[] {
  const file = files.find((made) => made.path === path);
  if (file === undefined) return [`${path} was not made`];
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(file.content);
  if (typeof expected === "string") return differences(expected, text, path);
  return text.includes(expected.contains)
    ? []
    : [`${path} does not contain ${shown(expected.contains)}`];
}

function memoryProblems(expected: ExpectedMemory, { memory }: Result): string[] {
  const { text = "", ...fields } = expected;
  const isThere = memory.some(
    (proposal) =>
      isJsonObject(proposal) &&
      differences(fields, proposal, "").length === 0 &&
      String(proposal["text"]).includes(text),
  );
  return isThere ? [] : [`no proposed memory fits ${shown(expected)}`];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
