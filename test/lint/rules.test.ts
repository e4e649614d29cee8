import { expect, test } from "vitest";
import { complaintsOf, type Planted } from "./planted.ts";

/** Rule, file, and the text that breaks it. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ["eslint(complexity)", "runner/loop/a.ts", tests(12)],
  ["eslint(eqeqeq)", "runner/loop/b.ts", "export const same = (a: number): boolean => a == 1;"],
  ["eslint(max-depth)", "runner/loop/c.ts", nested(5)],
  ["eslint(max-lines)", "runner/loop/d.ts", lines(301)],
  [
    "eslint(max-lines-per-function)",
    "runner/loop/e.ts",
    `export function f(): void {\n${lines(51)}}`,
  ],
  [
    "eslint(max-params)",
    "runner/loop/f.ts",
    "export const f = (a: 1, b: 2, c: 3, d: 4): unknown[] => [a, b, c, d];",
  ],
  ["eslint(no-console)", "runner/loop/g.ts", 'console.log("hello");'],
  [
    "eslint(no-restricted-globals)",
    "runner/core/a.ts",
    "export const now = (): string => new Date().toISOString();",
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/core/b.ts",
    "export const id = (): number => process.pid;",
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/core/c.ts",
    'export const get = (): unknown => fetch("http://127.0.0.1");',
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/core/d.ts",
    "export const now = (): number => performance.now();",
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/core/e.ts",
    "export const id = (): string => crypto.randomUUID();",
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/core/time/calendar.ts",
    "export const id = (): number => process.pid;",
  ],
  [
    "eslint(no-restricted-globals)",
    "runner/protocol/a.ts",
    "export const now = (): number => Date.now();",
  ],
  [
    "eslint(no-restricted-properties)",
    "runner/core/f.ts",
    "export const toss = (): number => Math.random();",
  ],
  ["import(extensions)", "runner/loop/h.ts", 'export { f } from "./f";'],
  [
    "import(no-cycle)",
    "runner/loop/ring-a.ts",
    'import { b } from "./ring-b.ts";\nexport const a = (): unknown => b;',
  ],
  ["import(no-default-export)", "runner/loop/i.ts", "export default 1;"],
  ["node(no-process-env)", "runner/loop/j.ts", 'export const home = process.env["HOME"];'],
  [
    "typescript(await-thenable)",
    "runner/loop/k.ts",
    "export async function f(): Promise<void> {\n  await 1;\n}",
  ],
  [
    "typescript(consistent-type-imports)",
    "runner/loop/l.ts",
    'import { Stats } from "node:fs";\nexport type S = Stats;',
  ],
  [
    "typescript(explicit-module-boundary-types)",
    "runner/loop/m.ts",
    "export function f() {\n  return 1;\n}",
  ],
  ["typescript(no-explicit-any)", "runner/loop/n.ts", "export const a = (b: any): void => void b;"],
  ["typescript(no-floating-promises)", "runner/loop/o.ts", "Promise.resolve();"],
  [
    "typescript(no-misused-promises)",
    "runner/loop/p.ts",
    "[1].forEach(async () => Promise.resolve());",
  ],
  [
    "typescript(no-non-null-assertion)",
    "runner/loop/q.ts",
    "export const a = (b: string | null): string => b!;",
  ],
  [
    "typescript(only-throw-error)",
    "runner/loop/r.ts",
    'export const f = (): never => {\n  throw "no";\n};',
  ],
  ["typescript(switch-exhaustiveness-check)", "runner/loop/s.ts", half()],
  ["unicorn(filename-case)", "runner/loop/camelCase.ts", "export const a = 1;"],
  [
    "vitest(no-restricted-vi-methods)",
    "test/core/a.test.ts",
    'import { vi } from "vitest";\nvi.mock("./x.ts");',
  ],
  [
    "vitest(no-focused-tests)",
    "test/core/b.test.ts",
    'import { expect, test } from "vitest";\ntest.only("x", () => expect(1).toBe(1));',
  ],
];

/** What the same rules let pass where it belongs. */
const LEGAL: readonly (readonly [rule: string, file: string, text: string])[] = [
  [
    "eslint(no-restricted-globals)",
    "runner/core/time/calendar.ts",
    "export const parse = (text: string): number => Date.parse(text);",
  ],
  ["node(no-process-env)", "runner/wire.ts", 'export const home = process.env["HOME"];'],
  ["eslint(no-console)", "bench/run.ts", 'console.log("hello");'],
];

const OTHERS: Planted = {
  "runner/loop/ring-b.ts": 'import { a } from "./ring-a.ts";\nexport const b = (): unknown => a;',
};

test("every rule fires on a planted violation", async () => {
  const files = VIOLATIONS.map(([, file, text]) => [file, `${text}\n`] as const);

  const complaints = await complaintsOf({ ...OTHERS, ...Object.fromEntries(files) }, true);

  const found = new Set(complaints.map(({ rule, file }) => `${rule} ${file}`));
  const silent = VIOLATIONS.map(([rule, file]) => `${rule} ${file}`).filter(
    (key) => !found.has(key),
  );
  expect(silent).toEqual([]);
});

test("what has its own place is let pass there", async () => {
  const files = LEGAL.map(([, file, text]) => [file, `${text}\n`] as const);

  const complaints = await complaintsOf(Object.fromEntries(files), false);

  const found = new Set(complaints.map(({ rule, file }) => `${rule} ${file}`));
  expect(LEGAL.filter(([rule, file]) => found.has(`${rule} ${file}`))).toEqual([]);
});

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `void ${index};\n`).join("");
}

function tests(count: number): string {
  const body = Array.from({ length: count }, (_, index) => `if (a === ${index}) return ${index};`);
  return `export function f(a: number): number {\n${body.join("\n")}\nreturn a;\n}`;
}

function nested(depth: number): string {
  const open = Array.from({ length: depth }, (_, index) => `if (a > ${index}) {`).join("\n");
  return `export function f(a: number): number {\n${open}\nreturn 1;\n${"}".repeat(depth)}\nreturn a;\n}`;
}

function half(): string {
  return 'export function f(a: "x" | "y"): number {\n  switch (a) {\n    case "x":\n      return 1;\n  }\n  return 0;\n}';
}
