/** What an operator means by the name of what is to be stopped. */
import type { Observed, Workspace } from "./model.ts";
import { scopeName, type StopScope } from "./stop.ts";
import { closest } from "./suggest.ts";

type Scoped =
  | { readonly ok: true; readonly scope: StopScope }
  | { readonly ok: false; readonly message: string; readonly hint: string };

interface Known {
  readonly workspace: Workspace;
  readonly observed: Observed;
}

/** Names of main's versions and of those that are in force: a file that is broken keeps nobody from stopping. */
export function scopeNamed(what: string | null, { workspace, observed }: Known): Scoped {
  if (what === null) return { ok: true, scope: {} };
  const projects = new Set([
    ...workspace.projects.keys(),
    ...workspace.invalid.keys(),
    ...observed.summaries.projects.keys(),
  ]);
  const pipelines = [...projects].flatMap((project) => {
    const known = workspace.projects.get(project)?.pipelines.keys() ?? [];
    const recorded = Object.keys(observed.summaries.projects.get(project)?.pipelines ?? {});
    return [...new Set([...known, ...recorded])].map((pipeline) => ({ project, pipeline }));
  });
  if (projects.has(what)) return { ok: true, scope: { project: what } };
  const found = pipelines.filter(
    ({ project, pipeline }) => pipeline === what || `${project}/${pipeline}` === what,
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return { ok: true, scope: only };
  const names = [...projects, ...pipelines.map(scopeName)];
  const near = found.length > 1 ? found.map(scopeName).join(", ") : closest(what, names);
  const message =
    found.length > 1
      ? `${what} means several pipelines`
      : `there is no project or pipeline ${what}`;
  const hint = near === undefined ? "fettle status   lists them" : `did you mean ${near}?`;
  return { ok: false, message, hint };
}
