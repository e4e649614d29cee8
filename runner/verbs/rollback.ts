/** `fettle rollback`: a project's manifests are again what they were before. */
import { findNamed } from "#runner/core/suggest.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { previousOf, rollBack } from "#runner/loop/rollback.ts";
import { acting } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface RollbackOptions {
  readonly project: string;
  /** Any revision; null: the last good version of a stalled project, else what was before the last change. */
  readonly to: string | null;
}

export function rollbackVerb(context: VerbContext, options: RollbackOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const named = [
      ...new Set([...seen.workspace.projects.keys(), ...seen.workspace.invalid.keys()]),
    ];
    const meant = findNamed(
      options.project,
      named.map((name) => ({ name })),
    );
    if (meant.kind !== "found") return unknown(options.project, named);
    const project = meant.found.name;
    const to = await targetOf(engine, seen, { project, to: options.to });
    if (to === undefined) return noTarget(options);
    const done = await rollBack(engine, { project, main: seen.workspace.commit, to });
    if (!done.ok) return refused(done.exit, done.message, done.hint);
    const { paths = [] } = done;
    if (paths.length === 0) return rolledBackAlready({ project, to, commit: done.commit });
    const lines = paths.map((path) => `  ${path}\n`).join("");
    const head = `${project} is rolled back to ${to.slice(0, 7)}, on main as ${done.commit.slice(0, 7)}\n`;
    return {
      exit: "ok",
      text: `${head}${lines}  fettle plan   shows what follows\n`,
      json: { project, to, commit: done.commit, paths },
    };
  });
}

/** Asked for once more it is no mistake. */
function rolledBackAlready(done: Readonly<Record<"project" | "to" | "commit", string>>): Answer {
  const text = `the manifests of ${done.project} are those of ${done.to.slice(0, 7)} already\n`;
  return { exit: "ok", text, json: { ...done, paths: [] } };
}

async function targetOf(
  engine: Engine,
  { workspace, observed }: Sight,
  { project, to }: RollbackOptions,
): Promise<string | undefined> {
  if (to !== null) return (await engine.store.reader.resolve(`${to}^{commit}`))?.oid;
  const good = observed.summaries.projects.get(project)?.applied?.commit;
  if (workspace.invalid.has(project) && good !== undefined) return good;
  return previousOf(engine, { project, main: workspace.commit });
}

function unknown(name: string, names: readonly string[]): Answer {
  const hint = names.length === 0 ? "there is none yet" : `there are ${names.join(", ")}`;
  return refused("usage", `there is no project ${name}`, hint);
}

function noTarget({ project, to }: RollbackOptions): Answer {
  const hint = `git log main -- projects/${project}   names the commits`;
  const message =
    to === null ? `${project} has no earlier version` : `${to} is not a commit of this clone`;
  return refused("usage", message, hint);
}
