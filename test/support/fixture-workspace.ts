/** A small valid workspace, and bad files that take the place of one of its manifests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveWorkspace, type ResolvedWorkspace } from "#runner/schema/resolve-workspace.ts";
import type { ManifestKind } from "#runner/schema/paths.ts";
import type { Violation } from "#runner/schema/violation.ts";

const FIXTURES = "test/schema/fixtures";
const PLACES: Readonly<Record<ManifestKind, string>> = {
  workspace: "fettle.yaml",
  project: "projects/studio/project.yaml",
  pipeline: "projects/studio/pipelines/chase.yaml",
  agent: "agents/writer/agent.yaml",
  contract: "agents/writer/contract/short.yaml",
  memory: "memory/studio/fact/2026-11/terms.md",
};

/** `kind` is the second part of the file's name: `octal.pipeline.txt`; a formatter would mend files that end in .yaml. */
export interface BadFile {
  readonly name: string;
  readonly kind: ManifestKind;
  readonly text: string;
}

export function goodFiles(): Map<string, string> {
  const folder = join(FIXTURES, "base");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

export function badFiles(): readonly BadFile[] {
  const folder = join(FIXTURES, "bad");
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const kind = kindOf(name);
      return kind === undefined
        ? []
        : [{ name, kind, text: readFileSync(join(folder, name), "utf8") }];
    });
}

/** The workspace with the given texts in place of its own; null takes a file away. */
export function resolveFiles(
  changes: Readonly<Record<string, string | null>> = {},
): ResolvedWorkspace {
  const files = goodFiles();
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) files.delete(path);
    else files.set(path, text);
  }
  return resolveWorkspace({ paths: [...files.keys()], textOf: (path) => files.get(path) ?? "" });
}

/** The mailer of a new company in place of the small one, and a pipeline without it. */
export function shippedMailer(): Readonly<Record<string, string>> {
  return {
    "agents/mailer/agent.yaml": readFileSync("agents/mailer/agent.yaml", "utf8"),
    "agents/mailer/main.gen.mjs": "",
    "projects/studio/pipelines/chase.yaml":
      'apiVersion: fettle/v1\ntriggers: { goal: paid }\nsteps: [{ id: find, agent: ledger, with: { folder: "${{ project.dir }}" } }]\n',
  };
}

export function resolveWith(bad: BadFile): ResolvedWorkspace {
  return resolveFiles({ [PLACES[bad.kind]]: bad.text });
}

/** `code file:line:col message (hint)`, as people read it. */
export function spell({ code, file, line, col, message, hint }: Violation): string {
  return `${code} ${file}:${line}:${col} ${message}${hint === "" ? "" : ` (${hint})`}`;
}

function kindOf(name: string): ManifestKind | undefined {
  return Object.keys(PLACES).find((kind): kind is ManifestKind => name.split(".")[1] === kind);
}
