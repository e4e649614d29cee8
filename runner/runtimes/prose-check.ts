/** Prompts and templates against what they are given: a name that no input provides would fail every attempt. */
import { closest } from "#runner/core/suggest.ts";
import { fieldOf, type ValueType, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type { Agent, Rung } from "#runner/schema/types.gen.ts";
import type { InjectedMemory, ToldCluster } from "./invocation.ts";
import { parseProse, type ProseRead } from "./prose-syntax.ts";
import type { ToldMemory } from "./told-memory.ts";

export interface ProseProblem {
  readonly code: "prose/syntax" | "prose/name";
  readonly line: number;
  readonly col: number;
  /** One past its last character. */
  readonly endCol: number;
  readonly message: string;
  readonly hint: string;
}

/** Files of the agent's folder that are rendered, each once. */
export function proseFiles({ runtime }: Agent): readonly string[] {
  return [...new Set([runtime, ...(runtime.fallback ?? [])].flatMap(filesOf))];
}

function filesOf(rung: Rung): readonly string[] {
  if ("template" in rung) return Object.values(rung.template);
  return "prompt" in rung && rung.prompt !== undefined ? [rung.prompt] : [];
}

/** `definitions`: the schemas that the agent's inputs may refer to. */
export function checkProse(
  template: string,
  agent: Agent,
  definitions: Readonly<Record<string, unknown>>,
): readonly ProseProblem[] {
  const syntax = parseProse(template);
  if (!syntax.ok) {
    const line = Number(/\bline (\d+)/.exec(syntax.reason)?.[1] ?? "1");
    const message = syntax.reason;
    return [{ code: "prose/syntax", line, col: 1, endCol: 2, message, hint: "" }];
  }
  const type = typeOfData(agent, definitions);
  return syntax.reads.flatMap((read) => problemOf(read, type));
}

const TEXT: ValueType = { kind: "string" };

const MEMORY: Readonly<Record<keyof (InjectedMemory & ToldMemory), ValueType>> = {
  id: TEXT,
  kind: TEXT,
  subject: TEXT,
  attribute: TEXT,
  text: TEXT,
  trust: TEXT,
  recordedAt: TEXT,
  confidence: { kind: "double" },
  age: TEXT,
  mayBeStale: { kind: "bool" },
  label: TEXT,
  told: TEXT,
};

const CLUSTER: Readonly<Record<keyof ToldCluster, ValueType>> = {
  supersedes: { kind: "list", of: TEXT },
  text: TEXT,
};

/** As `proseData` gives it. */
function typeOfData(agent: Agent, definitions: Readonly<Record<string, unknown>>): ValueType {
  return record({
    inputs: valueTypeOf(agent.inputs, definitions),
    memory: { kind: "list", of: record(MEMORY) },
    ...(agent.memory?.consolidates === true && {
      clusters: { kind: "list", of: record(CLUSTER) },
    }),
    feedback: TEXT,
    asOf: TEXT,
    project: record({ name: TEXT, dir: TEXT }),
  });
}

function record(fields: Readonly<Record<string, ValueType>>): ValueType {
  const typed = Object.entries(fields).map(
    ([name, type]) => [name, { type, optional: false, nullable: false }] as const,
  );
  return { kind: "object", open: false, fields: Object.fromEntries(typed) };
}

function problemOf(
  { path, line, col, endCol }: ProseRead,
  data: ValueType,
): readonly ProseProblem[] {
  let type = data;
  for (const [index, part] of path.entries()) {
    const step = partOf(type, part);
    if (step === "unknown") return [];
    if ("kind" in step) {
      type = step;
      continue;
    }
    const before = path.slice(0, index).join(".").replaceAll(".[]", "[]");
    const whole = before === "" ? "a prompt" : before;
    const message = `${whole} has no ${part}`;
    return [{ code: "prose/name", line, col, endCol, message, hint: hintFor(part, step.known) }];
  }
  return [];
}

function hintFor(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? "" : `known here: ${known.join(", ")}`;
}

/** The type of what stands there; what is known instead where nothing can. */
function partOf(
  type: ValueType,
  part: string,
): ValueType | "unknown" | { readonly known: readonly string[] } {
  switch (type.kind) {
    case "dyn":
      return "unknown";
    case "list":
      if (part === "[]") return type.of;
      return part === "length" ? { kind: "int" } : { known: ["length"] };
    case "string":
      return part === "length" ? { kind: "int" } : { known: [] };
    case "int":
    case "double":
    case "bool":
    case "null":
      return { known: [] };
    case "object": {
      // A map is gone through as well.
      if (part === "[]") return "unknown";
      const field = fieldOf(type, part);
      if (field !== undefined) return field.nullable ? "unknown" : field.type;
      return type.open ? "unknown" : { known: Object.keys(type.fields) };
    }
  }
}
