/** Gates that propose a higher cap, from the hold to what a person answers. */
import { expect, test } from "vitest";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { ADA, type Rehearsal } from "../support/rehearsal.ts";
import { budgetHolds, money, paying, run, shop, WRITER } from "../support/letter-shop.ts";
import { approve } from "../support/mail-shop.ts";

const ASKING = [{ per: "day", usd: 0.5, onExhausted: "gate" }];

async function heldShop(caps: readonly object[] = ASKING): Promise<Rehearsal> {
  const of = shop({ play: paying(100_000), workspace: caps });
  await run(of);
  return of;
}

async function gates(of: Rehearsal): Promise<readonly GateRecord[]> {
  const { observed } = await of.look();
  return [...observed.gates.values()].map(({ record }) => record);
}

test("A cap that is used up opens one gate, whose merge raises it, and work goes on.", async () => {
  const of = await heldShop();
  const gate = await of.gate();
  expect(gate).toMatchObject({
    title: "Raise usd per day of the workspace from 0.5 USD to 1.2 USD",
    risk: { score: 90 },
    claims: ["fettle.yaml"],
    raises: { file: "fettle.yaml", per: "day", axis: "micros", from: 500_000, to: 1_200_000 },
  });
  const line = of.operator.git("diff", "--unified=0", `main...${gate.branch}`, "--", "fettle.yaml");
  expect(line.split("\n").filter((text) => /^[-+] /u.test(text))).toEqual([
    '-      "usd": 0.5,',
    '+      "usd": 1.2,',
  ]);
  const record = of.operator.git("show", `${gate.branch}:${gate.folder}/decision.md`);
  expect(record).toMatch(/It changes line \d+ of `fettle.yaml`, and nothing else/u);
  expect(record).toContain("the workspace has used 0.5 USD of 0.5 USD per day");

  const [hold] = await budgetHolds(of);
  expect(hold?.unblock).toContain(`fettle approve ${gate.id}   raises it to 1.2 USD`);
  expect(await gates(of)).toHaveLength(1);

  expect(await approve(of)).toMatchObject({ ok: true });
  await of.tick();
  expect(await money(of)).toMatchObject({ totals: { [WRITER]: { micros: 1_200_000 } } });
  expect(of.closedRuns()).toMatchObject([
    { result: "succeeded", gates: [{ decision: "approved", by: ADA, files: {} }] },
  ]);
  expect((await of.look()).observed.summaries.inventories.get("shop")?.owned ?? {}).toEqual({});
  expect((await of.verify()).findings).toEqual([]);
});

test("What was rejected is not asked again for the same amount in the same window, by no run.", async () => {
  const of = await heldShop();
  await of.reject((await of.gate()).id, "not today");
  const [hold] = await budgetHolds(of);
  expect(hold?.why).toMatch(/; that it be raised was refused$/u);
  expect(await gates(of)).toEqual([]);

  await of.cancel("letters");
  await run(of);
  expect(await gates(of)).toEqual([]);

  of.travel("2026-03-03T23:00:01.000Z");
  await of.tick();
  expect((await of.gate()).raises?.until).toBe("2026-03-04T23:00:00.000Z");
  expect((await of.verify()).findings).toEqual([]);
});

test("A gate whose window is over, or whose cap was changed by hand, closes without an answer.", async () => {
  const late = await heldShop();
  const before = await late.gate();
  late.travel("2026-03-02T23:00:01.000Z");
  await late.tick();
  const [after] = await gates(late);
  expect(after?.raises?.until).not.toBe(before.raises?.until);
  const decisions = [...(await late.look()).observed.runs.values()].flatMap(
    (open) => open.decisions,
  );
  expect(decisions).toMatchObject([
    { decision: "expired", reason: "the window of the cap is over" },
  ]);

  const raised = await heldShop();
  const text = raised.operator.git("show", "main:fettle.yaml");
  raised.operator.commit({ "fettle.yaml": text.replace('"usd": 0.5', '"usd": 5') });
  await raised.tick();
  expect(await gates(raised)).toEqual([]);
  expect(raised.closedRuns()).toMatchObject([
    { result: "succeeded", gates: [{ decision: "expired" }] },
  ]);
});

test("Without onExhausted nobody is asked, and the raised cap of an agent holds for a run that began before.", async () => {
  const of = await heldShop([{ per: "day", usd: 0.5 }]);
  expect(await gates(of)).toEqual([]);

  const writers = shop({
    play: paying(100_000),
    agent: [{ per: "total", usd: 1.1, onExhausted: "gate" }],
  });
  await run(writers);
  expect(writers.calls).toHaveLength(11);
  await approve(writers);
  await writers.tick();
  expect(writers.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});
