import { expect, test } from "vitest";
import { parseYaml } from "#runner/schema/parse-yaml.ts";

function codesOf(text: string): readonly string[] {
  const parsed = parseYaml(text);
  return parsed.ok ? [] : parsed.problems.map(({ code, line, col }) => `${code} ${line}:${col}`);
}

function nestedLists(levels: number): string {
  return `${"[".repeat(levels)}${"]".repeat(levels)}`;
}

function valueOf(text: string): unknown {
  const parsed = parseYaml(text);
  return parsed.ok ? parsed.value : parsed.problems;
}

test("what looks like a truth value or a time in old YAML is text", () => {
  expect(valueOf("a: [NO, on, yes, 22:22, 1_000, 2026-11-22]")).toEqual({
    a: ["NO", "on", "yes", "22:22", "1_000", "2026-11-22"],
  });
});

test("a byte order mark and CRLF are accepted, and no column counts the mark", () => {
  const text = "\uFEFFa: 1\r\nb: two\r\n";

  const parsed = parseYaml(text);

  expect(parsed.ok && parsed.value).toEqual({ a: 1, b: "two" });
  expect(parsed.ok && parsed.locate("/b", "value")).toEqual({
    line: 2,
    col: 4,
    endLine: 2,
    endCol: 7,
  });
  expect(codesOf("\uFEFFa: 1\r\na: 2\r\n")).toEqual(["yaml/duplicate-key 2:1"]);
});

test.each([
  "010",
  "+1",
  "0x1F",
  "0o17",
  "1.",
  ".5",
  ".inf",
  "-.inf",
  ".nan",
  "1e400",
  "-0",
  "9007199254740993",
])("%s is no number, because readers do not agree on it", (number) => {
  expect(codesOf(`a: ${number}`)).toEqual(["yaml/number 1:4"]);
  expect(valueOf(`a: "${number}"`)).toEqual({ a: number });
});

test.each([
  ["0", 0],
  ["-7", -7],
  ["0.05", 0.05],
  ["1e3", 1000],
  ["9007199254740991", 9_007_199_254_740_991],
])("%s is a number", (source, number) => {
  expect(valueOf(`a: ${source}`)).toEqual({ a: number });
});

test.each(["__proto__", "constructor", "prototype"])(
  "the key %s is refused at any depth",
  (key) => {
    expect(codesOf(`a: { ${key}: { polluted: true } }`)).toEqual(["yaml/reserved-key 1:6"]);
  },
);

test.each([
  ["a list as key", "? [a]\n: 1\n", "yaml/key 1:3"],
  ["null as key", "null: 1\n", "yaml/key 1:1"],
  ["no key at all", ": 1\n", "yaml/key 1:1"],
  ["a C1 control", "a: x\u0085y\n", "yaml/control-character 1:5"],
  ["a control that is written as an escape", 'a: "\\u0007"\n', "yaml/control-character 1:4"],
  ["an escape that opens a tag", "a: !!js/function x\n", "yaml/tag 1:4"],
  ["an include", "a: !include secrets.yaml\n", "yaml/tag 1:4"],
])("%s is refused", (_, text, code) => {
  expect(codesOf(text)).toEqual([code]);
});

test("a bomb of aliases is refused at its first alias, expanding nothing", () => {
  const lines = ["a0: &a0 [x, x]"];
  for (let level = 1; level < 30; level += 1) {
    lines.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`);
  }

  const found = codesOf(lines.join("\n"));

  expect(found).toHaveLength(20);
  expect(found.slice(0, 3)).toEqual(["yaml/anchor 1:9", "yaml/anchor 2:9", "yaml/alias 2:10"]);
});

test("twenty problems are enough to say that a file is wrong", () => {
  const text = Array.from({ length: 500 }, () => "a: 1").join("\n");

  expect(codesOf(text)).toHaveLength(20);
});

test.each([
  ["flow lists", "[".repeat(30_000)],
  ["flow maps", "{a: ".repeat(16_000)],
  ["closed flow lists", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ["block maps", Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ["block lists", `${"- ".repeat(30_000)}x`],
])("%s nested without end are refused as one problem", (_, text) => {
  expect(codesOf(text)).toHaveLength(1);
});

test("64 levels are allowed, 65 are not", () => {
  expect(codesOf(nestedLists(64))).toEqual([]);
  expect(codesOf(nestedLists(65))).toEqual(["yaml/too-deep 1:65"]);
});

test("a map of more keys than fit is refused by its size alone", () => {
  const text = Array.from({ length: 16_000 }, (_, index) => `key${index}: 1`).join("\n");

  expect(codesOf(text)).toEqual(["yaml/too-large 1:1"]);
});

test("a map of thousands of keys is read, and its one duplicate found", () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `k${index}: 1`);

  expect(Object.keys(Object(valueOf(keys.join("\n"))))).toHaveLength(5000);
  expect(codesOf([...keys, "k17: 2"].join("\n"))).toEqual(["yaml/duplicate-key 5001:1"]);
});

test("a pointer leads to keys and values, and inside a string as it is written", () => {
  const text = 'steps:\n  - id: find\n    with: { "a/b": "x ${{ y }}" }\n';
  const parsed = parseYaml(text);
  const at = (
    pointer: string,
    part: "key" | "value",
    span?: { offset: number; length: number },
  ): string => {
    if (!parsed.ok) return "";
    const { line, col, endLine, endCol } = parsed.locate(pointer, part, span);
    return `${line}:${col}-${endLine}:${endCol}`;
  };

  expect(at("/steps/0/with/a~1b", "value")).toBe("3:20-3:32");
  expect(at("/steps/0/with/a~1b", "key")).toBe("3:13-3:18");
  expect(at("/steps/0/with/a~1b", "value", { offset: 6, length: 1 })).toBe("3:27-3:28");
  expect(at("/steps/0/missing", "value")).toBe("2:5-4:1");
  expect(at("", "key")).toBe("1:1-1:2");
});

test("inside a string with escapes only the whole of it can be shown", () => {
  const parsed = parseYaml('a: "\\t${{ y }}"');

  expect(parsed.ok && parsed.locate("/a", "value", { offset: 5, length: 1 })).toEqual({
    line: 1,
    col: 4,
    endLine: 1,
    endCol: 16,
  });
});
