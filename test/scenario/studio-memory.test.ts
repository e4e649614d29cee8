import { rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { addOrigin, cloneOf } from "../support/git-repo.ts";
import { mergeGate } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { makeStudio } from "../support/worked-studio.ts";

const MONDAY = "2026-11-23T09:00:00.000Z";
const TWO_WEEKS_LATER = "2026-12-08T09:00:00.000Z";
const INVOICE = "NW-2026-050";

function textOf(studio: Rehearsal, path: string, branch = "main"): string {
  const text = studio.text(path, branch);
  if (text === undefined) throw new Error(`${branch} has no ${path}`);
  return text;
}

/** The reminder of the invoice as the gate shows it, and what the gate says about it. */
async function proposed(
  studio: Rehearsal,
): Promise<{ readonly mail: string; readonly decision: string }> {
  const { folder, branch } = await studio.gate();
  const files = studio.operator.git("ls-tree", "-r", "--name-only", branch, `${folder}/`);
  const mail = files.split("\n").find((path) => path.toUpperCase().includes(INVOICE)) ?? "";
  return {
    mail: textOf(studio, mail, branch),
    decision: textOf(studio, `${folder}/decision.md`, branch),
  };
}

test("The studio's reminder says what was agreed three runs ago, in a fresh clone and without a model; its gate leads to the record and its run; an edit of the record changes the next draft.", async () => {
  const operator = makeStudio();
  onTestFinished(() => rmSync(operator.path, { recursive: true, force: true }));
  const studio = new Rehearsal({ files: {}, operator, now: MONDAY });
  const origin = addOrigin(operator);
  const agreed = { client: "thistle-wren", agreed: "Half by Christmas, the rest in January." };
  await studio.request("collections/note-agreement", agreed);
  await studio.tick();
  const note = studio.closedRuns().find(({ run: { pipeline } }) => pipeline === "note-agreement");
  const [id = ""] = note?.attempts[0]?.memory.admitted ?? [];
  await mergeGate(studio);
  await studio.tick();
  const other = { client: "muessig-soehne", agreed: "Die Auftragsnummer kommt nach." };
  await studio.request("collections/note-agreement", other);
  await studio.tick();

  const fresh = new Rehearsal({ files: {}, operator: cloneOf(origin), now: TWO_WEEKS_LATER });
  await fresh.tick();

  const { mail, decision } = await proposed(fresh);
  expect(mail).toContain("As we agreed: Half by Christmas, the rest in January.");
  expect(mail).toContain(id);
  expect(mail).not.toContain("Auftragsnummer");
  expect(decision).toContain(`\`${id}\`, cited by \`draft[${INVOICE}]\``);
  expect(decision).toContain(`written by \`${note?.run.id}/note\``);
  const [path = ""] =
    decision.slice(decision.indexOf(id)).match(/memory\/collections\/fact\/[^`]+\.md/u) ?? [];
  const record = textOf(fresh, path);
  expect(record).toContain(id);

  fresh.operator.commit({ [path]: record.replace("Christmas", "Easter") });
  fresh.operator.git("push", "--quiet", "origin", "main");
  await fresh.reject((await fresh.gate()).id, "Isla asked for more time");
  await fresh.tick();
  await fresh.request("collections/chase-invoices");
  await fresh.tick();

  expect((await proposed(fresh)).mail).toContain("As we agreed: Half by Easter");
  expect((await fresh.verify()).findings).toEqual([]);
});
