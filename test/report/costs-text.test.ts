import { expect, test } from "vitest";
import { NO_AMOUNT } from "#runner/core/money/amount.ts";
import { renderCosts } from "#runner/report/costs-text.ts";
import { look } from "./example.ts";

test.each([
  ["model", "no model was asked in these days"],
  ["project", "nothing was spent in these days"],
] as const)("costs by %s without a row say why there is none", (by, why) => {
  const days = { since: "2026-11-01", until: "2026-11-22" };
  const report = { by, ...days, rows: [], total: NO_AMOUNT, reserved: NO_AMOUNT };

  expect(renderCosts({ report, caps: [] }, look)).toMatch(new RegExp(`\\n${why}\\n$`, "u"));
});
