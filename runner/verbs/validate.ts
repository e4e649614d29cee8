/** `fettle validate`: what is wrong with the files as they are on disk. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { git } from "#runner/repo/git.ts";
import { renderViolations, type ViolationFormat } from "#runner/report/violations.ts";
import { resolveWorkspace } from "#runner/schema/resolve-workspace.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { reading } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ValidateOptions {
  readonly format: ViolationFormat;
  /** Files to report on; all when empty. */
  readonly files: readonly string[];
}

export function validateVerb(context: VerbContext, options: ValidateOptions): Promise<Answer> {
  return reading(context, async ({ repository }) => {
    const top = repository.topLevel;
    if (top === undefined)
      return refused(
        "usage",
        "there is no work tree to validate",
        "run it in a clone that has files",
      );
    const listed = await git(
      {
        trust: "operator",
        gitDir: repository.commonDir,
        workTree: top,
        folder: top,
        environment: repository.own.environment,
      },
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    );
    const paths = [...new Set(listed.stdout.toString("utf8").split("\0").filter(Boolean))].filter(
      (path) => readText(top, path) !== undefined,
    );
    const textOf = (path: string): string => readText(top, path) ?? "";
    const { violations } = resolveWorkspace({ paths, textOf });
    const wanted = options.files.map((file) => resolve(context.start, file));
    const shown =
      wanted.length === 0
        ? violations
        : violations.filter(({ file }) => wanted.includes(join(top, file)));
    return answerOf(context, options.format, { shown, textOf, checked: countManifests(paths) });
  });
}

function countManifests(paths: readonly string[]): number {
  return paths.filter((path) => {
    const place = manifestAt(path);
    return place !== undefined && place.kind !== "misplaced";
  }).length;
}

interface Found {
  readonly shown: readonly Violation[];
  readonly textOf: (path: string) => string;
  readonly checked: number;
}

function answerOf(context: VerbContext, format: ViolationFormat, found: Found): Answer {
  const { shown, textOf, checked } = found;
  const sources = new Map(shown.map(({ file }) => [file, textOf(file)]));
  const isInvalid = shown.some(({ severity }) => severity === "error");
  return {
    exit: isInvalid ? "invalid" : "ok",
    text: renderViolations({ violations: shown, sources, checked }, format, context.look),
    json: { violations: shown, checked },
  };
}

function readText(top: string, path: string): string | undefined {
  try {
    return readFileSync(join(top, path), "utf8");
  } catch {
    return undefined;
  }
}
