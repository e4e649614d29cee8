import { expect, test } from "vitest";
import { printLines } from "#runner/report/lines.ts";
import { payloadLines } from "#runner/report/payload-text.ts";
import { look } from "./example.ts";
import { dangersIn, hostile } from "./hostile.ts";

function shown(of: "outputs" | "log", text: string, verbose = false): string[] {
  const lines = payloadLines(of, text, { ...look, verbose });
  return printLines(lines, look).trimEnd().split("\n");
}

test("outputs are told by name: a text as it reads, everything else as JSON", () => {
  const text = JSON.stringify({ text: "Dear Ann,\n\nhello", words: 2, lines: [{ a: 1 }] });

  expect(shown("outputs", text)).toEqual([
    "    text:",
    "      Dear Ann,",
    "",
    "      hello",
    "    words: 2",
    "    lines: [",
    "      {",
    '        "a": 1',
    "      }",
    "    ]",
  ]);
  expect(shown("outputs", "7")).toEqual(["    7"]);
});

test("of long outputs the beginning is shown, of a long log the end, and all of it with --verbose", () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`);
  const outputs = JSON.stringify(lines.join("\n"));
  const log = `${lines.join("\n")}\n`;

  expect(shown("outputs", outputs)).toHaveLength(41);
  expect(shown("outputs", outputs)[0]).toBe("    line 0");
  expect(shown("outputs", outputs).at(-1)).toBe("    10 more lines, all of it with --verbose");
  expect(shown("log", log)[0]).toBe("    10 more lines, all of it with --verbose");
  expect(shown("log", log).at(-1)).toBe("    line 49");
  expect(shown("log", log, true)).toHaveLength(50);
});

test("one endless line does not fill the screen", () => {
  const text = JSON.stringify("word ".repeat(100_000));

  expect(shown("outputs", text).length).toBeLessThanOrEqual(41);
  expect(shown("outputs", text).at(-1)).toBe("    all of it with --verbose");
});

test("what agents write cannot steer the terminal", () => {
  const outputs = shown("outputs", JSON.stringify({ text: hostile }), true).join("\n");
  const log = shown("log", hostile, true).join("\n");

  expect([...dangersIn(outputs), ...dangersIn(log)]).toEqual([]);
});
