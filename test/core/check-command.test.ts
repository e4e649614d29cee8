import { expect, test } from "vitest";
import { checkCommand } from "#runner/core/check/check-command.ts";

const PATHS = new Set([
  "agents/payer/agent.yaml",
  "agents/payer/main.mjs",
  "agents/payer/tests/a.mjs",
]);

test.each([
  [["node", "agents/payer/main.mjs"]],
  [["node", "./agents/payer/main.mjs", "agents/payer/made-later.json"]],
  [["node", "--test", "agents/payer/tests"]],
  [["node", "--test", "agents/payer/tests/"]],
  [["psql", "--file", "projects/shop/none.sql"]],
])("%j names nothing that is missing", (command) => {
  expect(checkCommand(["runtime", "command"], command, PATHS)).toEqual([]);
});

test("the program that is missing is shown where it stands, with the name that is nearest", () => {
  const command = ["node", "./agents/payer/mian.mjs"];

  expect(checkCommand(["runtime", "command"], command, PATHS)).toMatchObject([
    {
      severity: "warning",
      pointer: "/runtime/command/1",
      hint: "did you mean agents/payer/main.mjs?",
    },
  ]);
});
