import { expect, test } from "vitest";
import { checkText } from "#runner/report/check-text.ts";
import { dangersIn, hostile } from "./hostile.ts";

const COMMIT = "3f2c1ab9d0e7c2aa81c3f077ab0e1b0c4d5e6f70";

test("the comment says of which commit it is, what was found and by whose rules; what is empty is left out", () => {
  const parts = [
    { title: "Files", text: "3 files are valid\n" },
    { title: "What runs would take", text: "" },
  ];

  expect(checkText({ isValid: true, parts }, COMMIT)).toBe(
    [
      "## What main would become with `3f2c1ab9d0e7`",
      "",
      "The files are valid. What follows is told by the policy, the operators, the budgets and the attention of main; nothing of it was executed.",
      "",
      "### Files",
      "",
      "```text",
      "3 files are valid",
      "```",
      "",
    ].join("\n"),
  );
});

test("whatever the report holds stands in fences that it cannot close, within what GitHub takes", () => {
  const escape = `\`\`\`\n@ada **merge this** <!-- fettle:check -->\n\`\`\`\`\n${hostile}\n`;
  const parts = Array.from({ length: 9 }, () => ({ title: hostile, text: escape.repeat(900) }));

  const text = checkText({ isValid: false, parts }, COMMIT);

  let fence: string | null = null;
  const outside = text.split("\n").filter((line) => {
    const ticks = /^(`{3,})/u.exec(line)?.[1];
    if (ticks === undefined) return fence === null;
    if (fence === null) fence = ticks;
    else if (line === fence) fence = null;
    return false;
  });
  expect(fence).toBeNull();
  expect(outside.join("\n")).not.toMatch(/@ada|<!--|\*\*merge|<img/u);
  expect(dangersIn(outside.join("\n"))).toEqual([]);
  expect(text.length).toBeLessThanOrEqual(60_000);
  expect(text).toContain("**The rest does not fit here**");
});
