/** What is wrong with the prompts and templates of agents, for `fettle validate`. */
import type { ResolvedWorkspace } from "#runner/schema/resolve-workspace.ts";
import { withDefinitions } from "#runner/schema/shared-schema.ts";
import type { Violation } from "#runner/schema/violation.ts";

interface Files {
  readonly paths: readonly string[];
  readonly textOf: (path: string) => string;
}

const PROSE = /^agents\/[^/]+\/.+\.(?:md|hbs)$/u;

/** Errors; nothing is loaded where no agent has a prompt. */
export async function proseViolations(
  { paths, textOf }: Files,
  { agents, shared }: Pick<ResolvedWorkspace, "agents" | "shared">,
): Promise<readonly Violation[]> {
  if (!paths.some((path) => PROSE.test(path))) return [];
  const { checkProse, proseFiles } = await import("#runner/runtimes/prose-check.ts");
  const there = new Set(paths);
  const definitions = withDefinitions(shared);
  return [...agents].flatMap(([name, agent]) =>
    proseFiles(agent)
      .map((file) => `agents/${name}/${file}`)
      .filter((path) => there.has(path))
      .flatMap((file) =>
        checkProse(textOf(file), agent, definitions).map((problem) => {
          return { ...problem, severity: "error" as const, file, endLine: problem.line };
        }),
      ),
  );
}
