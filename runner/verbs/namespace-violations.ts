/** Agents that would read the memory of a project that there is not, for `fettle validate`: only here are all files at hand. */
import { checkNamespaces } from "#runner/core/check/check-namespaces.ts";
import { locateFindings } from "#runner/schema/locate-findings.ts";
import type { ResolvedWorkspace } from "#runner/schema/resolve-workspace.ts";
import type { Violation } from "#runner/schema/violation.ts";

interface Files {
  readonly paths: readonly string[];
  readonly textOf: (path: string) => string;
}

const PLACE = /^(?:projects|memory)\/(?!tombstones\/)([^/]+)\//u;

export function namespaceViolations(
  { paths, textOf }: Files,
  { agents }: Pick<ResolvedWorkspace, "agents">,
): readonly Violation[] {
  const namespaces = new Set(paths.flatMap((path) => PLACE.exec(path)?.[1] ?? []));
  return locateFindings(checkNamespaces({ agents, namespaces }), textOf);
}
