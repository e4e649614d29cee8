import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLAUDE } from "#runner/runtimes/claude-cli.ts";
import { CODEX } from "#runner/runtimes/codex-cli.ts";
import type { CodingAgentCli, CodingAgentReport } from "#runner/runtimes/coding-agent-cli.ts";
import { GEMINI } from "#runner/runtimes/gemini-cli.ts";
import { jsonLines } from "#runner/runtimes/json-lines.ts";
import { OPENCODE } from "#runner/runtimes/opencode-cli.ts";

/** Reports as the programs themselves have written them. */
function recorded(name: string): ReturnType<typeof jsonLines> {
  return jsonLines(readFileSync(`test/runtimes/recorded/${name}.jsonl`, "utf8"));
}

const ANSWER = { isComplete: true, text: `{"answer":"yes"}`, denials: [] };

const REPORTS: readonly (readonly [string, CodingAgentCli, Partial<CodingAgentReport>])[] = [
  ["claude-answer", CLAUDE, { ...ANSWER, reportedUsd: 0.0008 }],
  ["claude-denied", CLAUDE, { ...ANSWER, denials: [`Read {"file_path":"/etc/passwd"}`] }],
  [
    "claude-api-error",
    CLAUDE,
    { failure: { outcome: "provider-error", reason: "API Error: 400 no money" } },
  ],
  [
    "claude-turns",
    CLAUDE,
    { failure: { outcome: "no-progress", reason: "Reached maximum number of turns (2)" } },
  ],
  [
    "claude-money",
    CLAUDE,
    { failure: { outcome: "budget-exhausted", reason: "Reached maximum budget ($0.001)" } },
  ],
  ["codex-answer", CODEX, ANSWER],
  [
    "codex-money",
    CODEX,
    {
      isComplete: true,
      failure: {
        outcome: "budget-exhausted",
        reason:
          "unexpected status 402 Payment Required: no money, url: http://127.0.0.1:8080/v1/responses",
      },
    },
  ],
  [
    "codex-limit",
    CODEX,
    {
      failure: {
        outcome: "rate-limited",
        reason: "exceeded retry limit, last status: 429 Too Many Requests",
      },
    },
  ],
  [
    "codex-overflow",
    CODEX,
    {
      failure: {
        outcome: "context-overflow",
        reason: "prompt is too long: maximum context length is 200000 tokens",
      },
    },
  ],
  ["gemini-answer", GEMINI, ANSWER],
  ["gemini-money", GEMINI, { failure: { outcome: "budget-exhausted", reason: "no money" } }],
  ["opencode-answer", OPENCODE, ANSWER],
  ["opencode-money", OPENCODE, { failure: { outcome: "budget-exhausted", reason: "no money" } }],
];

test.each(REPORTS)("%s is understood", (name, cli, expected) => {
  expect(cli.report(recorded(name))).toMatchObject(expected);
});

test("a prompt that was too long is a failure of claude, though it says success", () => {
  const lines = recorded("claude-overflow");

  const { failure } = CLAUDE.report(lines);

  expect(lines.at(-1)?.["subtype"]).toBe("success");
  expect(failure?.outcome).toBe("context-overflow");
});

test("tools that gemini keeps back in its mode, and paths outside, count as denied", () => {
  const { denials, text } = GEMINI.report(recorded("gemini-denied"));

  expect(denials.map((denial) => denial.split(":", 1)[0])).toEqual([
    "write_file",
    "run_shell_command",
    "read_file",
  ]);
  expect(text).toBe(`{"answer":"yes"}`);
});

test("tools that opencode keeps back, and rules against a path, count as denied", () => {
  const { denials } = OPENCODE.report(recorded("opencode-denied"));

  expect(denials).toHaveLength(2);
  expect(denials[0]).toBe("unavailable tool 'write'");
  expect(denials[1]).toMatch(/^read: The user has specified a rule/);
});

test.each([CLAUDE, CODEX, GEMINI, OPENCODE])(
  "a report of $program that breaks off is not complete",
  (cli) => {
    const lines = recorded(`${cli.program}-answer`).slice(0, -1);

    expect(cli.report(lines).isComplete).toBe(false);
  },
);

test("warnings between the records, and half a last one, are left out", () => {
  expect(jsonLines(`warning\n{"a":1}\n[2]\n{"b":`)).toEqual([{ a: 1 }]);
});
