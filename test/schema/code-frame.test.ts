import { expect, test } from "vitest";
import { codeFrame } from "#runner/schema/code-frame.ts";

const problem = { code: "schema/value", message: "", hint: "did you mean writer?" };

test("the marked line stands between its neighbours, with the hint at the marker", () => {
  const text = "name: a\r\nrole: writter\r\nmodel: b\r\n";

  expect(codeFrame(text, { ...problem, line: 2, col: 7, endLine: 2, endCol: 14 })).toBe(
    [
      "   1 │ name: a",
      " › 2 │ role: writter",
      "     │       ^^^^^^^ did you mean writer?",
      "   3 │ model: b",
    ].join("\n"),
  );
});

test("a problem of several lines is marked to the end of its first", () => {
  const text = "a:\n  b: 1\n  c: 2\n";

  expect(codeFrame(text, { ...problem, hint: "", line: 2, col: 3, endLine: 3, endCol: 7 })).toBe(
    ["   1 │ a:", " › 2 │   b: 1", "     │   ^^^^", "   3 │   c: 2"].join("\n"),
  );
});

test("a very long line is cut around the marker", () => {
  const text = `a: ${"x".repeat(500)}!${"y".repeat(500)}`;

  const [line = "", marker = ""] = codeFrame(text, {
    ...problem,
    line: 1,
    col: 504,
    endLine: 1,
    endCol: 505,
  }).split("\n");

  expect(line.length).toBeLessThan(140);
  expect(line[marker.indexOf("^")]).toBe("!");
});

test("a place after the last line does not break the frame", () => {
  expect(codeFrame("a: 'x\n", { ...problem, line: 2, col: 1, endLine: 2, endCol: 2 })).toContain(
    "› 2 │",
  );
});
