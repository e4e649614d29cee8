import { expect, test } from "vitest";
import { foldReview } from "#runner/core/fold/fold-review.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import { live, NOW, pipelineState } from "../support/core-builders.ts";

function settled(changes: Partial<EventOf<"gate-settled">>): EventOf<"gate-settled"> {
  return {
    kind: "gate-settled",
    at: NOW,
    project: "shop",
    run: "chase.aaaaaaaaaaaa",
    step: "review",
    gate: "g1",
    decision: "approved",
    by: "ada@northwind.example",
    via: "merge",
    reason: "",
    refused: [],
    pending: [],
    owned: {},
    review: { pipeline: "chase", makers: ["writer@1.0.0"] },
    ...changes,
  };
}

const shop = live({ pipelines: { chase: pipelineState() } });

test("approvals and rejections are counted, and whose work was approved is known", () => {
  const once = { ...shop, ...foldReview(shop, settled({})) };
  const twice = { ...once, ...foldReview(once, settled({ decision: "rejected" })) };

  expect(twice.pipelines["chase"]?.reviews).toEqual({ review: { approved: 1, rejected: 1 } });
  expect(twice.approvedMakers).toEqual(["writer@1.0.0"]);
});

test("a rejection makes nobody known, and an event of the time before counts nothing", () => {
  expect(foldReview(shop, settled({ decision: "rejected" }))).not.toHaveProperty("approvedMakers");
  const { review: _, ...before } = settled({});
  expect(foldReview(shop, before)).toEqual({});
});
