import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parseWhole } from "#runner/schema/parse-yaml.ts";
import { readPlainYaml } from "#runner/schema/plain-yaml.ts";

/** Every YAML file of this repository, the deliberately bad ones among them. */
const TEXTS = ["agents", "examples", "projects", "schemas", "test"].flatMap(yamlFilesBelow);

function yamlFilesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
  } catch {
    return [];
  }
}

/** What the library makes of a text that is read plainly; of any other, nothing. */
function both(text: string): {
  readonly text: string;
  readonly plain?: string;
  readonly whole?: string;
} {
  const plain = readPlainYaml(text);
  if (plain === undefined) return { text };
  const whole = parseWhole(text);
  const value = whole.ok ? whole.value : whole.problems;
  return { text, plain: JSON.stringify(plain.value), whole: JSON.stringify(value) };
}

test("what is written plainly is read without the library", () => {
  const text = `# A comment.
apiVersion: fettle/v1
summary: It's "plain" no, {not} this.
budget: [{ per: month, usd: 10 }, { per: run, usd: 0.50 }]
nothing: null
steps:
- id: one
  at: 08:30
  with: { topic: "a: b # c", list: [], map: {} }

  # Between.
  retry:
    limit: -2
-   plain: yes
list:
  - 'single'
  - 1.0.0
  - 7d
`;

  expect(readPlainYaml(text)?.value).toEqual({
    apiVersion: "fettle/v1",
    summary: `It's "plain" no, {not} this.`,
    budget: [
      { per: "month", usd: 10 },
      { per: "run", usd: 0.5 },
    ],
    nothing: null,
    steps: [
      {
        id: "one",
        at: "08:30",
        with: { topic: "a: b # c", list: [], map: {} },
        retry: { limit: -2 },
      },
      { plain: "yes" },
    ],
    list: ["single", "1.0.0", "7d"],
  });
});

test.each([
  "a: b # comment",
  "a: b: c",
  "a: |\n  text",
  "a: &anchor b",
  "a: *alias",
  "a: !tag b",
  "a: ~",
  "a:",
  "a: b\n  goes on",
  "a: [b,\n  c]",
  "a: [b, c",
  "a: [b,]",
  "a: {b:1}",
  "a: True",
  "a: 010",
  "a: 1e3",
  "a: 0x10",
  "a: 1.",
  "a: -0",
  "a: 9007199254740993",
  "a: .5",
  'a: "b\\n"',
  'a: "b" c',
  "a: 1\na: 2",
  "a: { b: 1, b: 2 }",
  "true: 1",
  "constructor: 1",
  "? a",
  "---\na: 1",
  "a: 1\n---\nb: 2",
  "a: 1\n b: 2",
  " a: 1",
  "- - a",
  "-",
  "a:\tb",
  "a: 1\r\n",
  "",
])("%j is left to the library", (text) => {
  expect(readPlainYaml(text)).toBeUndefined();
});

test("every file of this repository that is read plainly is read as the library reads it", () => {
  const read = TEXTS.map(both).filter(({ plain }) => plain !== undefined);

  expect(read.length).toBeGreaterThan(TEXTS.length / 4);
  expect(read.map(({ plain }) => plain)).toEqual(read.map(({ whole }) => whole));
});

test("values come back from block and flow style as the library reads them", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.stringMatching(/^[-\w .:#,'"[\]{}&*!|>%@`?~+]{0,10}$/),
    fc.constantFrom("true", "Null", "1e3", "0x1f", "08:30", "7d", "1.0.0", "- a", "a: b", "a #b"),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[A-Za-z][\w-]{0,6}$/), tie("tree"), { maxKeys: 4 }),
    ),
  }));

  fc.assert(
    fc.property(tree, fc.boolean(), (value, isFlow) => {
      const style = isFlow ? ({ collectionStyle: "flow", lineWidth: 0 } as const) : {};
      const { plain, whole } = both(stringify(value, style));
      expect(plain).toBe(whole);
    }),
    { numRuns: 400 },
  );
});

test("a manifest that was changed anywhere is read as the library reads it, or left to it", () => {
  const snippet = fc.oneof(
    fc.constantFrom("\n", " ", "  ", "- ", ": ", ":", "#", " #", '"', "'", "[", "]", "{", "}", ","),
    fc.constantFrom(
      "&a",
      "*a",
      "!t",
      "|",
      ">",
      "~",
      "\t",
      "0",
      "-",
      ".",
      "e1",
      "?",
      "\n- ",
      "\n  ",
    ),
    fc.string({ maxLength: 3 }),
  );
  const change = fc.record({
    text: fc.constantFrom(...TEXTS.filter((text) => text.length < 1500)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(4),
    snippet,
  });

  fc.assert(
    fc.property(change, ({ text, at, removed, snippet: added }) => {
      const place = Math.floor(at * text.length);
      const { plain, whole } = both(text.slice(0, place) + added + text.slice(place + removed));
      expect(plain).toBe(whole);
    }),
    { numRuns: 3000 },
  );
});
