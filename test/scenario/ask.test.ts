import { expect, test } from "vitest";
import { type Answered, answerGate, formOf, standingAnswer } from "#runner/loop/answer-gate.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { addOrigin } from "../support/git-repo.ts";
import { verified } from "../support/forged-state.ts";
import { reasons } from "../support/mail-shop.ts";
import { ADA, Rehearsal } from "../support/rehearsal.ts";

const EVE = "eve@elsewhere.example";

const TERMS = {
  id: "terms",
  ask: "What may the offer to ${{ params.client }} cost?",
  about: "They wrote:\n${{ steps.read.outputs.letter }}",
  form: {
    type: "object",
    required: ["amount", "tone"],
    properties: {
      amount: { type: "integer", title: "Amount", description: "EUR.", minimum: 1 },
      tone: { type: "string", enum: ["warm", "firm"], default: "warm" },
      note: { type: "string" },
    },
  },
};

const WRITE = {
  id: "write",
  agent: "writer",
  with: { terms: "${{ steps.terms.outputs }}" },
};

/** A run of `shop/offer` that waits for the operator. */
async function askingShop(more: object = {}, workspace: object = {}): Promise<Rehearsal> {
  const files = {
    ...settings({ ...workspace }),
    ...project("shop"),
    ...agent("reader"),
    ...agent("writer"),
    ...agent("clerk"),
    ...pipeline("shop/offer", [{ id: "read", agent: "reader" }, { ...TERMS, ...more }, WRITE], {
      params: { client: { type: "string", default: "Acme" } },
      onFailure: [{ id: "tell", agent: "clerk", with: { why: "${{ failure.reason }}" } }],
    }),
  };
  const letter = "amount: 1\n--- \u2028amount: 2";
  const plays = { reader: () => ({ outputs: { letter } }), writer: () => ({}), clerk: () => ({}) };
  const shop = new Rehearsal({ files, plays });
  await shop.request("shop/offer");
  await shop.tick();
  return shop;
}

function pathOf({ items }: GateRecord): string {
  return items[0]?.path ?? "";
}

/** What the writer was given. */
function written(shop: Rehearsal): readonly unknown[] {
  return shop.calls.filter(({ agent: { name } }) => name === "writer").map(({ inputs }) => inputs);
}

/** Writes the answer on the gate's branch as a person would in an editor, and merges it. */
async function mergeFilled(shop: Rehearsal, fill: (form: string) => string): Promise<GateRecord> {
  const gate = await shop.gate();
  const form = shop.text(pathOf(gate), gate.branch) ?? "";
  shop.operator.git("switch", "--quiet", gate.branch);
  shop.operator.commit({ [pathOf(gate)]: fill(form) }, "My answer");
  shop.operator.git("switch", "--quiet", "main");
  shop.operator.git("merge", "--quiet", "--no-edit", gate.branch);
  return gate;
}

test("A question waits with a form on its branch; what an operator fills in and merges is what goes on, wrong answers never.", async () => {
  const shop = await askingShop();
  const gate = await shop.gate();
  expect(gate).toMatchObject({ title: "What may the offer to Acme cost?", asks: ["amount"] });
  expect(shop.text(pathOf(gate), gate.branch)).toBe(
    `# What may the offer to Acme cost?
#
# They wrote:
# amount: 1
# ---
# amount: 2
#
# Fill in what is empty, change what you like, and merge: that is the answer. A field that may stay
# empty is left out. To give no answer at all, reject it.

# Amount: a whole number, at least 1
# EUR.
amount:

# tone: warm or firm
tone: warm

# note (may stay empty): text
note:`,
  );
  expect((await shop.tick()).holds).toMatchObject([{ reason: "awaiting-approval" }]);

  await mergeFilled(shop, (form) =>
    form.replace("amount:\n\n", "amount: 300\n\n").replace(": warm\n", ": wram\n"),
  );
  const wrong = await shop.tick();
  expect(wrong.holds).toMatchObject([
    {
      reason: "needs-fix",
      why: `${pathOf(gate)}:16:7: tone cannot be "wram" (warm or firm)`,
      unblock: `mend the file on main and commit, or fettle answer ${gate.id} --set amount=...; nothing runs before that`,
    },
  ]);
  expect(written(shop)).toEqual([]);
  const { problem } = await shop.gate();
  expect(problem).toContain("wram");

  const standing = shop.text(pathOf(gate)) ?? "";
  shop.operator.commit({ [pathOf(gate)]: standing.replace("wram", "firm") }, "Mend the answer");
  await shop.tick();

  expect(written(shop)).toEqual([{ terms: { amount: 300, tone: "firm" } }]);
  expect(shop.closedRuns()).toMatchObject([
    {
      result: "succeeded",
      gates: [{ decision: "answered", by: ADA, via: "merge", step: "terms" }],
    },
  ]);
  expect(shop.operator.git("branch", "--list", "fettle/gate/*")).toBe("");
  expect((await verified(shop.operator.path)).findings).toEqual([]);
});

test("A form that is merged as it was is no answer where a field must be filled in, and a stranger's merge is none.", async () => {
  const shop = await askingShop();
  const gate = await shop.gate();
  shop.gitAs(EVE, "merge", "--quiet", "--no-edit", gate.branch);

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);

  const record = shop.text(`${gate.folder}/decision.md`) ?? "";
  shop.operator.commit({ [`${gate.folder}/decision.md`]: `${record}\nMine.\n` }, "It is mine");
  expect((await shop.tick()).holds).toMatchObject([
    {
      reason: "needs-fix",
      why: `${pathOf(gate)}:13:1: amount needs an answer (a whole number, at least 1)`,
    },
  ]);
  expect(written(shop)).toEqual([]);
});

test("What a stranger has merged is taken into no answer of the operator's.", async () => {
  const shop = await askingShop();
  const gate = await shop.gate();
  const form = shop.text(pathOf(gate), gate.branch) ?? "";
  shop.gitAs(EVE, "merge", "--quiet", "--no-edit", gate.branch);
  const hers = form.replace("amount:", "amount: 99999").replace("note:", "note: at once");
  shop.operator.commit({ [pathOf(gate)]: `${hers}\n` }, "An answer");
  shop.gitAs(EVE, "commit", "--quiet", "--amend", "--no-edit");

  const partly = await answer(shop, { tone: "firm" });
  const whole = await answer(shop, { amount: 300 });
  await shop.tick();

  expect(partly).toMatchObject({ kind: "unfit", problems: [{ field: "amount" }] });
  expect(whole).toMatchObject({ kind: "merged", merged: { ok: true } });
  expect(written(shop)).toEqual([{ terms: { amount: 300, tone: "warm" } }]);
  expect((await verified(shop.operator.path)).findings).toEqual([]);
});

/** `fettle answer`, with values of fields. */
function answer(shop: Rehearsal, values: Readonly<Record<string, unknown>>): Promise<Answered> {
  return shop.write(async (engine) => {
    const { workspace, observed } = await shop.look();
    const [gate] = [...observed.gates.values()];
    if (workspace === null || gate === undefined) throw new Error("nothing is asked");
    const { operators } = workspace.settings;
    const form = formOf(gate.record, observed.runs.get(gate.record.run));
    const standing = await standingAnswer(engine, gate, operators);
    if (form === undefined || standing === null) throw new Error("there is no form");
    const { commit: main } = workspace;
    return answerGate(engine, { gate, form, standing, values, operators: [ADA], main });
  });
}

test("An answer that could not be pushed was not given: another one may be.", async () => {
  const shop = await askingShop();
  const origin = addOrigin(shop.operator);
  await shop.tick();
  shop.operator.git("config", "remote.origin.pushurl", "/nonexistent");
  expect(await answer(shop, { amount: 400 })).toMatchObject({ merged: { exit: "temporary" } });
  shop.operator.git("config", "--unset", "remote.origin.pushurl");

  expect(await answer(shop, { amount: 500 })).toMatchObject({ merged: { ok: true } });
  await shop.tick();

  expect(origin.git("rev-parse", "main")).toBe(shop.operator.git("rev-parse", "main"));
  expect(written(shop)).toEqual([{ terms: { amount: 500, tone: "warm" } }]);
});

test("Nobody answers in time: the declared default goes on, or the step is rejected; a rejected question is asked again by the next run.", async () => {
  const late = await askingShop({ default: { amount: 50 }, answerBy: "2d", onExpire: "default" });
  late.pass("2d");
  await late.tick();
  expect(written(late)).toEqual([{ terms: { amount: 50, tone: "warm" } }]);
  expect(late.closedRuns()).toMatchObject([{ gates: [{ decision: "defaulted", by: "fettle" }] }]);
  expect((await verified(late.operator.path)).findings).toEqual([]);

  const shop = await askingShop();
  await shop.reject((await shop.gate()).id, "not now");
  await shop.tick();
  expect(shop.closedRuns()).toMatchObject([
    { result: "rejected", gates: [{ decision: "rejected" }] },
  ]);
  expect((await verified(shop.operator.path)).findings).toEqual([]);
  await shop.request("shop/offer");
  await shop.tick();
  expect((await shop.gate()).title).toBe("What may the offer to Acme cost?");
});
