/** YAML nodes → plain JSON, and everything in them that JSON would not say. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { RangeOf } from "./text-range.ts";
import type { Problem } from "./violation.ts";

const DEEPEST = 64;
const MOST_PROBLEMS = 20;
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** Plain JSON of a node; it counts only when there are no problems (of which the first 20 are given). */
export function readValue(
  root: Node | null,
  range: RangeOf,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const reading: Reading = { range, problems: [], depth: 0 };
  const value = read(root, reading);
  return { value, problems: reading.problems.slice(0, MOST_PROBLEMS) };
}

interface Reading {
  readonly range: RangeOf;
  readonly problems: Problem[];
  readonly depth: number;
}

function read(node: unknown, reading: Reading): unknown {
  if (isAlias(node)) {
    refuse(reading, node, {
      code: "yaml/alias",
      message: "aliases are not allowed",
      hint: "write the value out",
    });
    return null;
  }
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
  refuseProperties(reading, node);
  if (isScalar(node)) return readScalar(node, reading);
  if (reading.depth >= DEEPEST) {
    refuse(reading, node, {
      code: "yaml/too-deep",
      message: `nested more than ${DEEPEST} levels deep`,
      hint: "",
    });
    return null;
  }
  const inside = { ...reading, depth: reading.depth + 1 };
  return isMap(node) ? readMap(node, inside) : node.items.map((item) => read(item, inside));
}

function refuseProperties(reading: Reading, node: Node): void {
  if ("anchor" in node && node.anchor !== undefined) {
    refuse(reading, node, {
      code: "yaml/anchor",
      message: "anchors are not allowed",
      hint: "remove it",
    });
  }
  if (node.tag !== undefined) {
    refuse(reading, node, {
      code: "yaml/tag",
      message: "tags are not allowed",
      hint: "remove the tag",
    });
  }
}

function readMap(map: YAMLMap, reading: Reading): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const first = new Map<string, Scalar>();
  for (const pair of map.items) {
    const name = readKey(pair, reading);
    if (name === undefined) continue;
    const { key, text } = name;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, key);
    else refuseDuplicate(reading, key, earlier);
    value[text] = read(pair.value, reading);
  }
  return value;
}

function readKey(pair: Pair, reading: Reading): { key: Scalar; text: string } | undefined {
  const { key } = pair;
  if (!isScalar(key)) {
    const node = isMap(key) || isSeq(key) || isAlias(key) ? key : undefined;
    refuse(reading, node, { code: "yaml/key", message: "a key must be a word", hint: "" });
    return undefined;
  }
  refuseProperties(reading, key);
  if (typeof key.value !== "string") {
    const hint = key.source === undefined || key.source === "" ? "" : `quote it: "${key.source}"`;
    refuse(reading, key, { code: "yaml/key", message: "a key must be a string", hint });
    return undefined;
  }
  if (key.value === "<<") {
    refuse(reading, key, {
      code: "yaml/merge-key",
      message: "merge keys are not allowed",
      hint: "write the keys out",
    });
    return undefined;
  }
  if (RESERVED.has(key.value)) {
    refuse(reading, key, {
      code: "yaml/reserved-key",
      message: `the key ${key.value} is reserved`,
      hint: "",
    });
    return undefined;
  }
  return { key, text: key.value };
}

function refuseDuplicate(reading: Reading, key: Scalar, earlier: Scalar): void {
  refuse(reading, key, {
    code: "yaml/duplicate-key",
    message: `the key ${String(key.value)} stands here twice`,
    hint: `it stands at line ${reading.range(...offsets(earlier)).line} already`,
  });
}

function readScalar(node: Scalar, reading: Reading): unknown {
  const { value } = node;
  if (typeof value === "number") refuseNumber(node, value, reading);
  if (typeof value === "string" && CONTROL.test(value)) {
    refuse(reading, node, {
      code: "yaml/control-character",
      message: "a control character in the text",
      hint: "remove it",
    });
  }
  return value;
}

/** `010`, `0x10`, `1.`, `.inf` and integers that a double cannot hold mean different things to different readers. */
function refuseNumber(node: Scalar, value: number, reading: Reading): void {
  const source = node.source ?? "";
  const isExact =
    Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (PLAIN_NUMBER.test(source) && isExact && !Object.is(value, -0)) return;
  refuse(reading, node, {
    code: "yaml/number",
    message: `${source} is not a number that every reader takes the same way`,
    hint: `write it plainly, or quote it: "${source}"`,
  });
}

type Words = Pick<Problem, "code" | "message" | "hint">;

function refuse(reading: Reading, node: Node | undefined, words: Words): void {
  reading.problems.push({ ...words, ...reading.range(...offsets(node)) });
}

function offsets(node: Node | undefined): [number, number] {
  const [start, end] = node?.range ?? [0, 1];
  return [start, end];
}
