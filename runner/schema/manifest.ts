/** A file that a person wrote → its typed content, or what is wrong with it. */
import { agentSchemaProblems } from "./agent-schema-limits.ts";
import { type Locate, parseYaml } from "./parse-yaml.ts";
import { type ManifestKind, manifestAt } from "./paths.ts";
import { schemaProblems, type SchemaProblem } from "./schema-problem.ts";
import type {
  Agent,
  ContractCase,
  MemoryRecord,
  Pipeline,
  Project,
  Workspace,
} from "./types.gen.ts";
import type { Validator } from "./validator.ts";
import * as validators from "./validators.gen.js";
import { FIRST_CHARACTER, type Problem, type Violation } from "./violation.ts";

/** What each kind of manifest holds; of a memory record, its front matter. */
export interface Manifests {
  readonly workspace: Workspace;
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly agent: Agent;
  readonly contract: ContractCase;
  readonly memory: MemoryRecord;
}

/** Plain JSON, so it can be kept by the blob id of the file. `value` is null exactly when there are errors. */
export interface ManifestResult<Value = unknown> {
  readonly value: Value | null;
  readonly violations: readonly Violation[];
}

const VALIDATORS: { readonly [Kind in ManifestKind]: Validator<Manifests[Kind]> } = validators;

/** Reads one manifest; `path` gives the name that its `name` must agree with, and stands in the violations. */
export function readManifest<Kind extends ManifestKind>(
  kind: Kind,
  path: string,
  text: string,
): ManifestResult<Manifests[Kind]> {
  const yaml = kind === "memory" ? frontMatter(text)?.yaml : text;
  if (yaml === undefined) return refused(path, [NO_FRONT_MATTER]);
  const parsed = parseYaml(yaml);
  if (!parsed.ok) return refused(path, parsed.problems);
  const { value, locate } = parsed;
  const validate: Validator<Manifests[Kind]> = VALIDATORS[kind];
  if (!validate(value))
    return refused(path, located(schemaProblems(validate.errors ?? []), locate));
  const problems = [
    ...nameProblems(kind, path, value),
    ...agentProblems(kind, value),
    ...formProblems(kind, value),
  ];
  if (problems.length > 0) return refused(path, located(problems, locate));
  return { value, violations: [] };
}

/** The YAML between the two `---` lines that open a Markdown file, on the lines where it stands there; and what follows. */
export function frontMatter(
  text: string,
): { readonly yaml: string; readonly body: string } | undefined {
  const match = /^\uFEFF?---\r?\n(?<yaml>[^]*?)(?:^|\r?\n)---(?:\r?\n|$)/m.exec(text);
  if (match === null || match.index !== 0) return undefined;
  return { yaml: `\n${match.groups?.["yaml"] ?? ""}`, body: text.slice(match[0].length) };
}

const NO_FRONT_MATTER: Problem = {
  code: "memory/front-matter",
  message: "a memory record starts with front matter",
  hint: "start with ---, then kind and subject, then ---",
  ...FIRST_CHARACTER,
};

function nameProblems(kind: ManifestKind, path: string, value: object): readonly SchemaProblem[] {
  const place = manifestAt(path);
  if (kind === "workspace" || kind === "contract" || !("name" in value)) return [];
  if (place === undefined || place.kind === "misplaced" || place.name === value.name) return [];
  const message = `the path calls it ${place.name}, the file ${String(value.name)}`;
  return [{ code: "path/name", pointer: "/name", part: "value", message, hint: "leave name out" }];
}

function agentProblems(kind: ManifestKind, value: object): readonly SchemaProblem[] {
  if (kind !== "agent" || !("inputs" in value) || !("outputs" in value)) return [];
  return [
    ...agentSchemaProblems("/inputs", value.inputs),
    ...agentSchemaProblems("/outputs", value.outputs),
  ];
}

/** Forms of questions are schemas of the same kind; their patterns must end as soon. */
function formProblems(kind: ManifestKind, value: object): readonly SchemaProblem[] {
  if (kind !== "pipeline") return [];
  return LISTS.flatMap((list) =>
    stepsIn(value, list).flatMap((step, index) =>
      "form" in step ? agentSchemaProblems(`/${list}/${index}/form`, step.form) : [],
    ),
  );
}

const LISTS = ["steps", "onFailure"] as const;

function stepsIn(value: object, list: (typeof LISTS)[number]): readonly object[] {
  const steps: unknown = Reflect.get(value, list);
  return Array.isArray(steps)
    ? steps.filter((step) => typeof step === "object" && step !== null)
    : [];
}

function located(problems: readonly SchemaProblem[], locate: Locate): readonly Problem[] {
  return problems
    .map(({ pointer, part, ...words }) => ({ ...words, ...locate(pointer, part) }))
    .toSorted((left, right) => left.line - right.line || left.col - right.col);
}

function refused(file: string, problems: readonly Problem[]): ManifestResult<never> {
  return {
    value: null,
    violations: problems.map((problem) => ({ severity: "error", file, ...problem })),
  };
}
