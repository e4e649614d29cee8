import { expect, test } from "vitest";
import * as fc from "fast-check";
import { mermaidText } from "#runner/report/mermaid-text.ts";

test.each([
  ["draft", "draft"],
  ["Ein Schritt für Müller", "Ein Schritt für Müller"],
  ["日本", "日本"],
  ["a:b", "a#58;b"],
  ['per 50 % #1; "x"', "per 50 #37; #35;1#59; #34;x#34;"],
  ["section", "#115;ection"],
  ["Title of it", "#84;itle of it"],
  ["end", "#101;nd"],
  ["2026-11-22", "#50;026-11-22"],
  ["a\nb", "a b"],
  ["", "-"],
])("%j becomes %j", (name, text) => {
  expect(mermaidText(name)).toBe(text);
});

test("no name holds a character with a meaning", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      expect(mermaidText(name)).toMatch(/^(?:[\p{L}\p{M}\p{N} _.-]|#\d+;)+$/u);
    }),
  );
});
