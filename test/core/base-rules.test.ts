import { expect, test } from "vitest";
import { withRulesOf } from "#runner/core/base-rules.ts";
import type { Workspace } from "#runner/schema/types.gen.ts";

const ADA = { email: "ada@northwind.example" };
const MALLORY = { email: "mallory@northwind.example" };
interface Settings {
  readonly settings: Workspace;
}

const START = { apiVersion: "fettle/v1" } as const;

test("A proposal may change what is done, and not who decides within which limits.", () => {
  const base: Settings = {
    settings: {
      ...START,
      operators: [ADA],
      policy: { gateFrom: 40 },
      budget: [{ per: "month", usd: 5 }],
    },
  };
  const proposal: Settings = {
    settings: {
      ...START,
      operators: [ADA, MALLORY],
      policy: { gateFrom: 100 },
      budget: [],
      attention: { reviewsPerDay: 0 },
      timezone: "Asia/Tokyo",
    },
  };

  expect(withRulesOf(proposal, base).settings).toEqual({
    ...base.settings,
    timezone: "Asia/Tokyo",
  });
});
