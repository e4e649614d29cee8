/**
 * Runs a workflow on this machine as GitHub would: jobs in the order of their needs, conditions and values by GitHub's own
 * engine of expressions, scripts by bash, local actions from the files. Actions of others are played.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { parse } from "yaml";
import { ENVIRONMENT, makeFolder } from "./git-repo.ts";

type Values = Readonly<Record<string, unknown>>;
type Text = Readonly<Record<string, string>>;

interface StepText {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Values;
  readonly env?: Values;
}

interface JobText {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Text;
  readonly strategy?: { readonly matrix: string };
  readonly outputs?: Text;
  readonly steps: readonly StepText[];
}

export interface WorkflowText {
  readonly jobs: Readonly<Record<string, JobText>>;
}

/** What a played action is given. */
export interface Played {
  readonly with: Text;
  readonly workspace: string;
}

export interface Script {
  readonly text: string;
  readonly environment: Text;
  readonly workspace: string;
}

export interface Stage {
  readonly github: Values;
  readonly secrets?: Text;
  /** By the name of the action, without its version. */
  readonly actions: Readonly<Record<string, (played: Played) => void>>;
  /** Runs a script; gives false when it failed. Files for outputs and paths are named in its environment. */
  readonly shell: (script: Script) => boolean;
}

export interface RanStep {
  readonly name: string;
  readonly result: "success" | "failure" | "skipped";
  /** What the step itself adds to the environment. */
  readonly env: Text;
}

export interface RanJob {
  readonly job: string;
  readonly matrix: Values;
  readonly permissions: Text;
  readonly steps: readonly RanStep[];
}

export interface Ran {
  readonly results: Readonly<Record<string, "success" | "failure" | "skipped">>;
  readonly jobs: readonly RanJob[];
}

interface Need {
  readonly result: Ran["results"][string];
  readonly outputs: Text;
}

export function runWorkflow({ jobs }: WorkflowText, stage: Stage): Ran {
  const needs = new Map<string, Need>();
  const ran: RanJob[] = [];
  const left = new Map(Object.entries(jobs));
  while (left.size > 0) {
    const next = [...left].find(([, job]) => needsOf(job).every((name) => needs.has(name)));
    if (next === undefined) throw new Error(`jobs wait for each other: ${[...left.keys()].join()}`);
    const [id, job] = next;
    left.delete(id);
    const own = Object.fromEntries(needsOf(job).map((name) => [name, needs.get(name)]));
    const { need, done } = runJob(id, job, { stage, needs: own });
    needs.set(id, need);
    ran.push(...done);
  }
  const results = Object.fromEntries([...needs].map(([id, { result }]) => [id, result]));
  return { results, jobs: ran };
}

function needsOf({ needs = [] }: JobText): readonly string[] {
  return typeof needs === "string" ? [needs] : needs;
}

interface JobSite {
  readonly stage: Stage;
  readonly needs: Values;
}

function runJob(
  id: string,
  job: JobText,
  { stage, needs }: JobSite,
): { readonly need: Need; readonly done: readonly RanJob[] } {
  const known = { github: stage.github, needs, secrets: stage.secrets ?? {} };
  const hasFailed = Object.values(needs).some((need) => valueOf(need, "result") !== "success");
  if (!holds(job.if, known, hasFailed)) {
    return { need: { result: "skipped", outputs: {} }, done: [] };
  }
  const legs = legsOf(job, known);
  const done = legs.map((matrix) => new JobRun(id, { ...known, matrix }, stage).run(job));
  const isBad = done.some(({ ok }) => !ok);
  const outputs = done.at(-1)?.outputs ?? {};
  const need = { result: isBad ? "failure" : "success", outputs } as const;
  return { need, done: done.map(({ ran }) => ran) };
}

function legsOf({ strategy }: JobText, known: Values): readonly Values[] {
  if (strategy === undefined) return [{}];
  const include = valueOf(resolved(strategy.matrix, known), "include");
  if (!Array.isArray(include) || include.length > 256) throw new Error("not a matrix");
  return include;
}

/** A machine of its own. */
class JobRun {
  readonly #id: string;
  readonly #known: Values;
  readonly #stage: Stage;
  readonly #workspace = makeFolder();
  readonly #home = makeFolder();
  readonly #steps: RanStep[] = [];
  #paths: readonly string[] = [];

  constructor(id: string, known: Values, stage: Stage) {
    this.#id = id;
    this.#known = known;
    this.#stage = stage;
  }

  run(job: JobText): { readonly ok: boolean; readonly outputs: Text; readonly ran: RanJob } {
    const { ok, steps } = this.#all(job.steps, this.#known);
    const known = { ...this.#known, steps };
    const outputs = texts(job.outputs ?? {}, known);
    const matrix = valueOf(this.#known, "matrix");
    const ran = {
      job: this.#id,
      matrix: isValues(matrix) ? matrix : {},
      permissions: job.permissions ?? {},
      steps: this.#steps,
    };
    return { ok, outputs, ran };
  }

  #all(list: readonly StepText[], known: Values): { readonly ok: boolean; readonly steps: Values } {
    let ok = true;
    const steps: Record<string, { readonly outputs: Text }> = {};
    for (const [index, step] of list.entries()) {
      const seen = { ...known, steps };
      const name = step.id ?? step.uses?.split("@")[0] ?? `step ${index + 1}`;
      const env = texts(step.env ?? {}, seen);
      if (!holds(step.if, seen, !ok)) {
        this.#steps.push({ name, result: "skipped", env });
        continue;
      }
      const { isGood, outputs } = this.#one(step, { seen, env });
      this.#steps.push({ name, result: isGood ? "success" : "failure", env });
      if (step.id !== undefined) steps[step.id] = { outputs };
      ok &&= isGood;
    }
    return { ok, steps };
  }

  #one(
    step: StepText,
    { seen, env }: { readonly seen: Values; readonly env: Text },
  ): { readonly isGood: boolean; readonly outputs: Text } {
    if (step.run !== undefined) return this.#script(String(resolved(step.run, seen)), env);
    const [name = ""] = (step.uses ?? "").split("@");
    const given = texts(step.with ?? {}, seen);
    if (name.startsWith("./")) return { isGood: this.#local(name, { seen, given }), outputs: {} };
    const action = this.#stage.actions[name];
    if (action === undefined) throw new Error(`nobody plays ${name}`);
    action({ with: given, workspace: this.#workspace });
    return { isGood: true, outputs: {} };
  }

  #local(name: string, { seen, given }: { readonly seen: Values; readonly given: Text }): boolean {
    const folder = join(this.#workspace, name);
    const action: {
      readonly inputs?: Readonly<Record<string, { readonly default?: string }>>;
      readonly runs: { readonly steps: readonly StepText[] };
    } = parse(readFileSync(join(folder, "action.yml"), "utf8"));
    const github = { ...this.#stage.github, action_path: folder };
    const defaults = Object.fromEntries(
      Object.entries(action.inputs ?? {}).map(([key, input]) => [key, input.default ?? ""]),
    );
    const inputs = { ...texts(defaults, { ...seen, github }), ...given };
    return this.#all(action.runs.steps, { ...seen, github, inputs }).ok;
  }

  #script(text: string, env: Text): { readonly isGood: boolean; readonly outputs: Text } {
    const folder = makeFolder();
    const files = Object.fromEntries(
      ["OUTPUT", "PATH", "STEP_SUMMARY"].map((name) => [`GITHUB_${name}`, join(folder, name)]),
    );
    for (const file of Object.values(files)) writeFileSync(file, "");
    const temporary = join(this.#home, "tmp");
    mkdirSync(temporary, { recursive: true });
    const environment = {
      PATH: [...this.#paths, dirname(process.execPath), ENVIRONMENT["PATH"]].join(":"),
      HOME: this.#home,
      TMPDIR: temporary,
      GITHUB_ACTIONS: "true",
      ...env,
      ...files,
    };
    const isGood = this.#stage.shell({ text, environment, workspace: this.#workspace });
    const added = readFileSync(files["GITHUB_PATH"] ?? "", "utf8")
      .split("\n")
      .filter(Boolean);
    this.#paths = [...added, ...this.#paths];
    return { isGood, outputs: outputsIn(readFileSync(files["GITHUB_OUTPUT"] ?? "", "utf8")) };
  }
}

/** Runs it as a step without a shell of its own would. */
export function bash({ text, environment, workspace }: Script): {
  readonly code: number | null;
  readonly said: string;
} {
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", text];
  const ended = spawnSync("bash", args, { cwd: workspace, env: environment, encoding: "utf8" });
  return { code: ended.status, said: `${ended.stdout}${ended.stderr}` };
}

function outputsIn(text: string): Text {
  const found = text.matchAll(/^(?<name>[^=\n]+)<<(?<end>.+)\n(?<value>[\s\S]*?)\n\k<end>$/gmu);
  return Object.fromEntries(
    Array.from(found, ({ groups = {} }) => [groups["name"] ?? "", groups["value"] ?? ""]),
  );
}

const STATUS = ["success", "failure", "always", "cancelled"] as const;

/** Without a word on the status it holds only where nothing has failed before. */
function holds(condition: string | undefined, known: Values, hasFailed: boolean): boolean {
  if (condition === undefined) return !hasFailed;
  const source = condition.replace(/^\s*\$\{\{([\s\S]*)\}\}\s*$/u, "$1");
  const saysSo = /\b(?:success|failure|always|cancelled)\s*\(/u.test(source);
  return (saysSo || !hasFailed) && evaluated(source, known, hasFailed).number() !== 0;
}

/** A value that is one expression keeps its type. */
function resolved(value: unknown, known: Values): unknown {
  if (typeof value !== "string") return value;
  const whole = /^\s*\$\{\{((?:(?!\}\})[\s\S])*)\}\}\s*$/u.exec(value)?.[1];
  if (whole !== undefined) return plain(evaluated(whole, known, false));
  return value.replaceAll(/\$\{\{([\s\S]*?)\}\}/gu, (_, source: string) =>
    evaluated(source, known, false).coerceString(),
  );
}

function texts(values: Values, known: Values): Text {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const found = resolved(value, known);
      return [name, typeof found === "string" ? found : JSON.stringify(found)];
    }),
  );
}

function evaluated(source: string, known: Values, hasFailed: boolean): data.ExpressionData {
  const functions = STATUS.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () =>
      new data.BooleanData(
        name === "always" || ((name === "failure") === hasFailed && name !== "cancelled"),
      ),
  }));
  const { tokens } = new Lexer(source).lex();
  const tree = new Parser(tokens, Object.keys(known), functions).parse();
  const table = new Map(functions.map((each) => [each.name, each]));
  return new Evaluator(tree, dictionary(known), table).evaluate();
}

function dictionary(values: Values): data.Dictionary {
  const pairs = Object.entries(values).map(([key, value]) => ({ key, value: expression(value) }));
  return new data.Dictionary(...pairs);
}

function expression(value: unknown): data.ExpressionData {
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map((each) => expression(each)));
  return isValues(value) ? dictionary(value) : new data.Null();
}

function plain(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueOf(values: unknown, name: string): unknown {
  return isValues(values) ? values[name] : undefined;
}
