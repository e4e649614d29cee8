import { expect, test } from "vitest";
import * as fc from "fast-check";
import { terminalText } from "#runner/report/terminal-text.ts";

test.each([
  ["colour", "\u001b[31mred\u001b[0m", "red"],
  ["clear screen, 8-bit introducer", "a\u009b2Jb", "ab"],
  ["clipboard by OSC 52", "a\u001b]52;c;ZXZpbA==\u0007b", "ab"],
  ["hyperlink by OSC 8", "\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\", "here"],
  ["device control string", "a\u001bPq#0\u001b\\b", "ab"],
  ["sequence that appears when another is removed", "\u001b\u001b[0m[2Jx", "\\x1b[2Jx"],
  ["sequence without end", "a\u001b]0;title", "a\\x1b]0;title"],
  ["return and backspace", "good\rbad\b\b", "good bad\\x08\\x08"],
  ["bidi override", "a\u202Egpj.exe", "a\\u202egpj.exe"],
  ["zero width", "pay\u200Bpal\uFEFF", "pay\\u200bpal\\ufeff"],
  ["tag characters", "a\u{e0041}", "a\\u{e0041}"],
  ["Hangul filler", "a\u3164b", "a\\u3164b"],
  ["lone surrogate", "a\ud800b", "a\\ud800b"],
  ["line ends and tabs", "a\r\n\tb", "a b"],
  ["family emoji keeps its joiners", "👩‍👩‍👧", "👩‍👩‍👧"],
  ["joiner between letters", "a\u200Db", "a\\u200db"],
  ["command of GitHub Actions", " ::add-mask::x", " : :add-mask::x"],
  ["old command of GitHub Actions", "x ##[error]y", "x ## [error]y"],
  ["ordinary text of many scripts", "Müller – 日本語 עברית ≤ 3 €", "Müller – 日本語 עברית ≤ 3 €"],
])("neutralises %s", (_, text, harmless) => {
  expect(terminalText(text)).toBe(harmless);
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "2",
      "J",
      "\u0007",
      "\u009d",
      "\u200d",
      "👩",
      ":",
      "#",
      "\n",
      "\ufdd0",
    ),
  }),
);

test("nothing invisible is left, whatever the text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(terminalText(text)).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\u200b]/u,
      );
    }),
  );
});

test("text that is harmless already stays as it is", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(terminalText(terminalText(text))).toBe(terminalText(text));
    }),
  );
});

test("many openers of strings that never end take linear time", () => {
  const harmless = terminalText("\u009d".repeat(200_000));

  expect(harmless.length).toBe(800_000);
});
