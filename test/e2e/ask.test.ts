/** A question is shown, refused where the answer is wrong, and answered from the command line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk } from "./program.ts";
import { makeCompany, NOTE } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

test("fettle answer shows the form, says what does not fit and writes nothing then, and answers by field or by file", async () => {
  const company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("scribe"),
    "agents/scribe/main.sh": NOTE,
    ...pipeline("shop/offer", [
      {
        id: "terms",
        ask: "What may it cost?",
        form: {
          type: "object",
          required: ["amount"],
          properties: {
            amount: { type: "integer", minimum: 1 },
            tone: { type: "string", default: "warm" },
          },
        },
      },
      { id: "write", agent: "scribe", with: { terms: "${{ steps.terms.outputs }}" } },
    ]),
  });
  await company.fettle("run", "offer");
  await company.fettle("reconcile");
  const { stdout: status } = await company.fettle("status");
  const [, id = ""] = /fettle answer (offer-\S+) --set amount=\.\.\./u.exec(status) ?? [];
  const shown = await company.fettle("answer", id);
  expect(shown.stdout).toContain("# amount: a whole number, at least 1\namount:\n");

  const main = await company.git("rev-parse", "main");
  const unfilled = await company.fettle("approve", id);
  expect(unfilled.stderr).toMatch(/answer\.yaml:\d+:1: amount needs an answer/u);
  const wrong = await company.fettle("answer", id, "--set", "amount=0");
  expect([wrong.code, wrong.stderr]).toEqual([
    64,
    expect.stringContaining("amount cannot be 0 (a whole number, at least 1)"),
  ]);
  const file = join(company.folder, "answer.yaml");
  writeFileSync(file, "tone: firm\namount: lots\n");
  const misread = await company.fettle("answer", id, "--file", file);
  expect(misread.stderr).toContain(`${file}:2:9: amount must be a whole number, not "lots"`);
  expect(await company.git("rev-parse", "main")).toEqual(main);

  const answered = await company.fettle("answer", id, "--file", file, "--set", "amount=300");
  expect(answered.stdout).toContain('answered "What may it cost?"');
  const again = await company.fettle("answer", id, "--set", "amount=300");
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringContaining("answered already, by ada@"),
  ]);
  const other = await company.fettle("answer", id, "--set", "amount=301");
  expect([other.code, other.stderr]).toEqual([
    5,
    expect.stringContaining("answered already, by ada@"),
  ]);
  expect((await company.fettle("approve", id)).stdout).toContain(
    '"What may it cost?" is answered already: answered by ada@',
  );
  await company.fettle("reconcile");
  const { stdout: explained } = await company.fettle("explain", id);
  expect(explained).toMatch(/answered by[^]*amount: 300\n\s+tone: firm/u);
  expect((await company.fettle("verify")).code).toBe(0);
});
