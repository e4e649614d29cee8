import { expect, test } from "vitest";
import { withRulesOf } from "#runner/core/gate/base-rules.ts";
import type { Project } from "#runner/schema/types.gen.ts";
import { project, workspace } from "../support/core-builders.ts";

const ADA = { email: "ada@northwind.example" };
const MALLORY = { email: "mallory@northwind.example" };

function cap(usd: number): { readonly manifest: Partial<Project> } {
  return { manifest: { budget: [{ per: "month", usd }] } };
}

test("A proposal may change what is done, and not who decides within which limits.", () => {
  const base = workspace([], {
    settings: {
      operators: [ADA],
      policy: { gateFrom: 40 },
      budget: [{ per: "month", usd: 5 }],
    },
  });
  const proposal = workspace([], {
    settings: {
      operators: [ADA, MALLORY],
      policy: { gateFrom: 100 },
      budget: [],
      attention: { reviewsPerDay: 0 },
      timezone: "Asia/Tokyo",
    },
  });

  expect(withRulesOf(proposal, base).settings).toEqual({
    ...base.settings,
    timezone: "Asia/Tokyo",
  });
});

test("A project keeps its caps, or that it has none; a new one has those that it comes with.", () => {
  const base = workspace([project({ name: "shop", ...cap(5) }), project({ name: "post" })]);
  const proposal = workspace([
    project({ name: "shop", manifest: { ...cap(500).manifest, summary: "More." } }),
    project({ name: "post", ...cap(500) }),
    project({ name: "fresh", ...cap(7) }),
  ]);

  const { projects } = withRulesOf(proposal, base);

  expect([...projects.values()].map(({ manifest }) => [manifest.summary, manifest.budget])).toEqual(
    [
      ["More.", [{ per: "month", usd: 5 }]],
      ["What post is for.", undefined],
      ["What fresh is for.", [{ per: "month", usd: 7 }]],
    ],
  );
});
