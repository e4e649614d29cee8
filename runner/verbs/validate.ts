/** `fettle validate`: what is wrong with the files as they are on disk. */
import { existsSync, realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { closest } from "#runner/core/suggest.ts";
import { renderViolations, type ViolationFormat } from "#runner/report/violations.ts";
import { resolveWorkspace } from "#runner/schema/resolve-workspace.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { filesOnDisk } from "./disk-files.ts";
import { memoryWarnings } from "./memory-warnings.ts";
import { namespaceViolations } from "./namespace-violations.ts";
import { proseViolations } from "./prose-violations.ts";
import { reading } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ValidateOptions {
  readonly format: ViolationFormat;
  /** Files and folders to report on; all when empty. */
  readonly files: readonly string[];
}

export function validateVerb(context: VerbContext, options: ValidateOptions): Promise<Answer> {
  return reading(context, async ({ repository }) => {
    const files = await filesOnDisk(repository);
    if (files === null)
      return refused(
        "usage",
        "there is no work tree to validate",
        "run it in a clone that has files",
      );
    const { top, paths, textOf } = files;
    const asked = askedFor(options.files, { start: context.start, top, paths });
    if (!asked.ok) return asked.refusal;
    const resolved = resolveWorkspace(files);
    const violations = [
      ...resolved.violations,
      ...(await proseViolations(files, resolved)),
      ...namespaceViolations(files, resolved),
      ...memoryWarnings(files, context.clock()),
    ];
    const shown = violations.filter(({ file }) => asked.covers(file));
    const checked = paths.filter((path) => asked.covers(path) && manifestAt(path) !== undefined);
    return answerOf(context, options.format, { shown, textOf, checked: checked.length });
  });
}

interface Place {
  readonly start: string;
  readonly top: string;
  /** Files of the workspace. */
  readonly paths: readonly string[];
}

type Asked =
  | { readonly ok: true; readonly covers: (path: string) => boolean }
  | { readonly ok: false; readonly refusal: Answer };

/** Which paths of the workspace are meant by what was typed. */
function askedFor(files: readonly string[], { start, top, paths }: Place): Asked {
  if (files.length === 0) return { ok: true, covers: () => true };
  const wanted: string[] = [];
  for (const file of files) {
    const path = relative(top, resolve(realpathSync(start), file));
    if (path === ".." || path.startsWith(`..${sep}`))
      return refusal(
        `${file} is not in the workspace ${top}`,
        "fettle validate   checks every file",
      );
    if (!existsSync(join(top, path))) {
      const near = closest(path, paths);
      const hint =
        near === undefined ? "fettle validate   checks every file" : `did you mean ${near}?`;
      return refusal(`there is no file ${file}`, hint);
    }
    wanted.push(path);
  }
  const covers = (path: string): boolean =>
    wanted.some((name) => name === "" || path === name || path.startsWith(`${name}/`));
  return { ok: true, covers };
}

function refusal(message: string, hint: string): Asked {
  return { ok: false, refusal: refused("usage", message, hint) };
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
