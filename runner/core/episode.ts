/** What a run tells of itself: a line for each attempt that gave a reason. */
import { measuredGoal } from "./goal.ts";
import { hearsOutside } from "./outside-text.ts";
import { MEMORY_REVIEW } from "#runner/core/memory/memory-review.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { OpenRun, Workspace } from "./model.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

export interface EpisodeLine {
  readonly seq: number;
  readonly step: string;
  readonly item: string | null;
  readonly agent: string;
  readonly outcome: string;
  /** Instant. */
  readonly at: string;
  readonly trust: "internal" | "external";
  readonly text: string;
}

/** Whether the run keeps what it tells: its pipeline says so, else its project as it is now. */
export function keepsEpisodes(
  workspace: Workspace,
  { record, pipeline }: Pick<OpenRun, "record" | "pipeline">,
): boolean {
  if (measuredGoal(record.pipeline) !== null || record.pipeline === MEMORY_REVIEW) return false;
  const own = pipeline.memory?.episodes;
  return own ?? workspace.projects.get(record.project)?.manifest.memory?.episodes ?? false;
}

/** In the order in which they began. */
export function episodeLines({ attempts, agents }: OpenRun): readonly EpisodeLine[] {
  return attempts
    .filter(({ rationale, keptFrom }) => rationale.trim() !== "" && keptFrom === undefined)
    .map((attempt, at) => {
      const manifest = agents.get(attempt.agent)?.manifest;
      const isOutside = manifest !== undefined && hearsOutside(manifest);
      return lineOf(attempt, at + 1, isOutside ? "external" : "internal");
    });
}

function lineOf(
  { step, item, agent, version, outcome, startedAt, finishedAt, rationale }: AttemptRecord,
  seq: number,
  trust: EpisodeLine["trust"],
): EpisodeLine {
  return {
    seq,
    step,
    item,
    agent: `${agent}@${version}`,
    outcome: outcome ?? "crashed",
    at: finishedAt ?? startedAt,
    trust,
    text: rationale.replaceAll(/\s+/gu, " ").trim(),
  };
}

/** `memory/<project>/episode/<yyyy>/<mm>/<run>.jsonl`; `at` is the instant at which the run began. */
export function episodePath({ record }: Pick<OpenRun, "record">): string {
  const { project, id, startedAt } = record;
  return `memory/${project}/episode/${startedAt.slice(0, 4)}/${startedAt.slice(5, 7)}/${id}.jsonl`;
}

export function renderEpisode(lines: readonly EpisodeLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** A file of lines without some of them; null where nothing is left. */
export function withoutLines(text: string, gone: ReadonlySet<number>): string | null {
  const left = text.split("\n").filter((line) => {
    const told = readLine(line);
    return line.trim() !== "" && (told === null || !gone.has(told.seq));
  });
  return left.length === 0 ? null : left.map((line) => `${line}\n`).join("");
}

const PLACE = /^memory\/(?<namespace>[^/]+)\/episode\/\d{4}\/\d{2}\/(?<run>[^/]+)\.jsonl$/u;

export function isEpisodePath(path: string): boolean {
  return PLACE.test(path);
}

interface EpisodeFile {
  readonly path: string;
  readonly blob: string;
  readonly text: string;
}

/** The lines of a file as records; what is no line of an episode is left out. */
export function episodesIn({ path, blob, text }: EpisodeFile): readonly StoredMemory[] {
  const { namespace = "", run = "" } = PLACE.exec(path)?.groups ?? {};
  return text.split("\n").flatMap((line): StoredMemory[] => {
    const told = readLine(line);
    if (told === null) return [];
    const { seq, step, agent, at, trust, text: says } = told;
    const record = {
      kind: "episode" as const,
      subject: `run/${run.replace(/\.[^.]*$/u, "")}`,
      source: { run, step, agent },
      trust,
      recordedAt: at,
    };
    return [{ id: `${run}#${seq}`, namespace, path, blob, record, text: says, run, seq }];
  });
}

function readLine(line: string): EpisodeLine | null {
  if (line.trim() === "") return null;
  try {
    const value: unknown = JSON.parse(line);
    return isLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is EpisodeLine {
  if (typeof value !== "object" || value === null) return false;
  const isText = (name: string): boolean => typeof Reflect.get(value, name) === "string";
  const trust: unknown = Reflect.get(value, "trust");
  return (
    Number.isSafeInteger(Reflect.get(value, "seq")) &&
    ["step", "agent", "at", "text"].every(isText) &&
    (trust === "internal" || trust === "external")
  );
}
