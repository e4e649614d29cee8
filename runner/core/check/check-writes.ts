/** Paths that agents write: inside the repository, open to agents, and no two steps at once on one of them. */
import { type Found, pointer } from "./check-finding.ts";
import { ancestors, type PlacedStep, placedSteps } from "./check-graph.ts";
import { agentReference } from "./check-version-range.ts";
import { parseTemplateText } from "#runner/core/expression/expression-text.ts";
import { gatedBy } from "#runner/core/gate/gated-path.ts";
import { projectDir } from "#runner/core/run-scope.ts";
import { isAgentStep } from "#runner/core/step-graph.ts";
import type { Agent, AgentStep, Pipeline } from "#runner/schema/types.gen.ts";

/** Globs of an agent; `field` is `reads` or `writes`. */
export function checkGlobs(globs: readonly string[], field: "reads" | "writes"): readonly Found[] {
  return globs.flatMap((glob, index) => {
    const plain = shape(glob, { project: "project", with: {} });
    const at = { pointer: pointer(field, index) };
    const segments = plain.split("/");
    if (plain.startsWith("/") || plain.includes("\\") || segments.some((part) => part === "..")) {
      return [{ code: "path/escape", ...at, message: `${glob} leaves the repository` }];
    }
    const closed = field === "writes" ? gatedBy(plain) : undefined;
    if (closed === undefined) return [];
    const message = `no agent may write ${glob}: ${closed} is changed by people only`;
    return [{ code: "path/gated", ...at, message }];
  });
}

/** A step of a project with the globs that it writes. */
interface Writer {
  readonly pipeline: string;
  readonly path: PlacedStep["path"];
  readonly step: AgentStep;
  readonly globs: readonly string[];
}

/** Findings by pipeline name. */
export function checkOverlaps(
  project: string,
  pipelines: ReadonlyMap<string, Pipeline>,
  agents: ReadonlyMap<string, Agent | null>,
): readonly { readonly pipeline: string; readonly found: Found }[] {
  const writers = [...pipelines].flatMap(([pipeline, manifest]) =>
    placedSteps(manifest).flatMap(({ step, path }): readonly Writer[] => {
      if (!isAgentStep(step)) return [];
      const writes = agents.get(agentReference(step.agent).name)?.writes ?? [];
      const globs = writes.map((glob) => shape(glob, { project, with: step.with ?? {} }));
      return [{ pipeline, path, step, globs }];
    }),
  );
  return writers.flatMap((writer, at) =>
    writers.slice(0, at).flatMap((earlier) => {
      const shared = earlier.globs.find((glob) =>
        writer.globs.some((other) => overlap(glob, other)),
      );
      if (shared === undefined) return [];
      return overlapFound(pipelines.get(writer.pipeline), { earlier, writer, shared });
    }),
  );
}

interface Overlap {
  readonly earlier: Writer;
  readonly writer: Writer;
  readonly shared: string;
}

function overlapFound(
  pipeline: Pipeline | undefined,
  { earlier, writer, shared }: Overlap,
): readonly { readonly pipeline: string; readonly found: Found }[] {
  const isSame = earlier.pipeline === writer.pipeline;
  if (isSame && pipeline !== undefined && areOrdered(pipeline, earlier, writer)) return [];
  const other = isSame
    ? `step ${earlier.step.id}`
    : `step ${earlier.step.id} of pipeline ${earlier.pipeline}`;
  const found: Found = {
    code: "path/overlap",
    severity: isSame ? "error" : "warning",
    pointer: pointer(...writer.path, "agent"),
    message: `step ${writer.step.id} and ${other} may write the same path: ${shared}`,
    hint: isSame ? `put them in order: needs: [${earlier.step.id}]` : "",
  };
  return [{ pipeline: writer.pipeline, found }];
}

/** Steps for a failure come after all others. */
function areOrdered(pipeline: Pipeline, earlier: Writer, writer: Writer): boolean {
  if (earlier.path[0] !== writer.path[0]) return true;
  const [one, other] = [earlier.step.id, writer.step.id];
  return ancestors(pipeline, one).has(other) || ancestors(pipeline, other).has(one);
}

interface Known {
  readonly project: string;
  /** What the step gives the agent. */
  readonly with: Readonly<Record<string, unknown>>;
}

/** A glob with the project's folder and plain inputs filled in; every other expression may be any one name. */
function shape(glob: string, known: Known): string {
  const text = parseTemplateText(glob);
  if (!text.ok) return glob;
  const parts = text.parts.map((part) => {
    if (part.kind === "literal") return part.text;
    const source = part.source.trim();
    if (source === "project.dir") return projectDir(known.project);
    const input = source.startsWith("inputs.")
      ? known.with[source.slice("inputs.".length)]
      : undefined;
    return typeof input === "string" ? shape(input, { ...known, with: {} }) : "*";
  });
  return parts.join("");
}

/** True when some path matches both globs. */
function overlap(left: string, right: string): boolean {
  return meet(left.split("/"), right.split("/"), {
    many: "**",
    same: (one, other) =>
      meet(one.split(""), other.split(""), {
        many: "*",
        same: (a, b) => a === b || a === "?" || b === "?",
      }),
  });
}

interface MeetRule {
  /** Stands for any number of elements. */
  readonly many: string;
  readonly same: (left: string, right: string) => boolean;
}

/** True when two sequences can be the same. */
function meet(left: readonly string[], right: readonly string[], rule: MeetRule): boolean {
  // The positions in `right` that the part of `left` read so far can reach.
  let reached = skipMany([0], right, rule);
  for (const part of left) {
    const next = [...reached].flatMap((at) => after(part, at, { right, rule }));
    reached = skipMany(next, right, rule);
  }
  return reached.has(right.length);
}

function after(
  part: string,
  at: number,
  { right, rule }: { readonly right: readonly string[]; readonly rule: MeetRule },
): readonly number[] {
  if (part === rule.many)
    return right
      .map((_, index) => index + 1)
      .filter((end) => end > at)
      .concat(at);
  const other = right[at];
  if (other === rule.many) return [at];
  return other !== undefined && rule.same(part, other) ? [at + 1] : [];
}

function skipMany(
  positions: readonly number[],
  right: readonly string[],
  rule: MeetRule,
): Set<number> {
  const all = new Set(positions);
  for (const at of all) if (right[at] === rule.many) all.add(at + 1);
  return all;
}
