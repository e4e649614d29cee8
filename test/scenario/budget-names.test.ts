import { expect, test } from "vitest";
import { pipeline, project } from "../support/company.ts";
import { paying, run, shop, STEPS } from "../support/letter-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

const CAPPED = { budget: [{ per: "total", usd: 0.3 }] };

test.each<[string, (of: Rehearsal) => void]>([
  [
    "renamed",
    ({ operator }) => {
      operator.git("rm", "-q", "projects/shop/pipelines/letters.yaml");
      const more = { ...CAPPED, previousNames: ["letters"] };
      operator.commit(pipeline("shop/mails", STEPS, more), "Another name");
    },
  ],
  [
    "removed",
    ({ operator }) => {
      operator.git("rm", "-q", "projects/shop/pipelines/letters.yaml");
      operator.commit(pipeline("shop/other", STEPS), "Another pipeline");
    },
  ],
])("A cap of a pipeline holds for its open run when it is %s.", async (_, change) => {
  const of = shop({ play: paying(100_000), pipeline: CAPPED.budget });
  await run(of);
  expect(of.calls).toHaveLength(3);

  change(of);
  await of.tick();
  await of.tick();
  expect(of.calls).toHaveLength(3);
});

test("A cap of a project holds for its open runs when it is renamed.", async () => {
  const of = shop({ play: paying(100_000), project: CAPPED.budget });
  await run(of);
  of.operator.git("rm", "-q", "-r", "projects/shop");
  const renamed = project("store", { ...CAPPED, previousNames: ["shop"] });
  of.operator.commit({ ...renamed, ...pipeline("store/letters", STEPS) }, "Another name");
  await of.tick();
  await of.tick();

  expect(of.calls).toHaveLength(3);
});
