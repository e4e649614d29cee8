import { expect, test } from "vitest";
import { mailCompany, MAIL_STEPS, noteCompany, pipeline } from "../support/company.ts";
import {
  addOrigin,
  makeFolder,
  makeRepository,
  repositoryAt,
  runGit,
} from "../support/git-repo.ts";
import { approve, mailShop, mergeGate, reasons, sent } from "../support/mail-shop.ts";
import { ADA, made, Rehearsal } from "../support/rehearsal.ts";

test("In a repository of one commit a fast-forward merge is proven by this clone's log of main.", async () => {
  const path = makeFolder();
  runGit(path, ["init", "--quiet", "--initial-branch=main"]);
  const operator = repositoryAt(path);
  const shop = await mailShop({ operator });
  await mergeGate(shop);
  expect(operator.git("log", "--format=%ce", "main")).toBe(`runner@fettle.invalid\n${ADA}`);

  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
});

test("A branch that was deleted by hand is reported by the first tick and counts as rejected in the second.", async () => {
  const shop = await mailShop();
  const { branch, head } = await shop.gate();
  shop.operator.git("branch", "--quiet", "--delete", "--force", branch);

  const first = await shop.tick();
  const second = await shop.tick();

  expect(first.holds[0]?.unblock).toContain(
    `git branch ${branch} ${head}, and with an origin git push origin ${head}:refs/heads/${branch}`,
  );
  expect(second.holds).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([
    { result: "rejected", gates: [{ via: "branch-deleted" }] },
  ]);
});

test("A branch that is gone at the origin is brought back there by what the tick says.", async () => {
  const operator = makeRepository(mailCompany());
  const origin = addOrigin(operator);
  const shop = await mailShop({ operator, files: {} });
  const { branch, head } = await shop.gate();
  origin.git("branch", "--quiet", "--delete", "--force", branch);

  const first = await shop.tick();
  const command = /git (push origin .*)$/u.exec(first.holds[0]?.unblock ?? "")?.[1] ?? "";
  operator.git(...command.split(" "));
  await shop.tick();
  const after = await shop.tick();

  expect(origin.git("rev-parse", branch)).toBe(head);
  expect(reasons(after)).toEqual(["awaiting-approval"]);
});

test("A branch that is brought back after the first tick waits as before.", async () => {
  const shop = await mailShop();
  const { branch, head } = await shop.gate();
  shop.operator.git("branch", "--quiet", "--delete", "--force", branch);
  await shop.tick();
  shop.operator.git("branch", branch, head);

  await shop.tick();
  const after = await shop.tick();

  expect(reasons(after)).toEqual(["awaiting-approval"]);
  await mergeGate(shop);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("A rejection by request closes the gate, takes the branch away and says why.", async () => {
  const shop = await mailShop();
  const { id } = await shop.gate();

  await shop.reject(id, "too pushy");
  await shop.tick();

  expect(shop.closedRuns()).toMatchObject([
    { result: "rejected", gates: [{ via: "reject", reason: "too pushy", by: ADA }] },
  ]);
  expect(shop.operator.git("branch", "--list", "fettle/gate/*")).toBe("");
  expect(sent(shop)).toEqual([]);
});

test("A gate that nobody answers in time expires.", async () => {
  const shop = await mailShop();
  shop.pass("47h");
  expect(reasons(await shop.tick())).toEqual(["awaiting-approval"]);

  shop.pass("1h");
  await shop.tick();

  expect(shop.closedRuns()).toMatchObject([
    { result: "rejected", gates: [{ decision: "expired" }] },
  ]);
});

test("A second run that shows the same items waits for the first gate.", async () => {
  const concurrency = { policy: "queue", releaseAt: "gate" };
  const files = { ...mailCompany(), ...pipeline("shop/mail", MAIL_STEPS, { concurrency }) };
  const shop = await mailShop({ files });
  await shop.request("shop/mail");

  const tick = await shop.tick();

  expect(reasons(tick).toSorted()).toEqual(["awaiting-approval", "claimed"]);
  await mergeGate(shop);
  await shop.tick();
  expect((await shop.gate()).items).toHaveLength(2);
});

test("A second proposal of the same path waits for the first gate.", async () => {
  const show = { draft: "${{ steps.write.outputs }}" };
  const steps = [
    { id: "write", agent: "scribe" },
    { id: "review", gate: "Keep it", ask: "always", show },
  ];
  const files = {
    ...noteCompany(),
    ...pipeline("shop/note", steps),
    ...pipeline("shop/other", steps),
  };
  const shop = new Rehearsal({
    files,
    plays: { scribe: () => made("projects/shop/note.md", "new\n") },
  });
  await shop.request("shop/note");
  await shop.request("shop/other");

  const tick = await shop.tick();

  expect(reasons(tick).toSorted()).toEqual(["awaiting-approval", "claimed"]);
  await mergeGate(shop);
  const second = await shop.tick();
  expect(shop.text("projects/shop/note.md")).toBe("new");
  expect(reasons(second)).toEqual(["awaiting-approval"]);
});

test("A gate settles while somebody has its branch checked out, and leaves it to them.", async () => {
  const shop = await mailShop();
  const { branch } = await shop.gate();
  const elsewhere = `${makeFolder()}/review`;
  shop.operator.git("worktree", "add", "--quiet", elsewhere, branch);
  await mergeGate(shop);

  const tick = await shop.tick();

  expect(tick.holds).toEqual([]);
  expect(sent(shop)).toHaveLength(2);
  expect(repositoryAt(elsewhere).git("status", "--porcelain", "--branch")).toBe(`## ${branch}`);
});

test("Approving from the command line merges as the operator.", async () => {
  const shop = await mailShop();

  expect(await approve(shop)).toMatchObject({ ok: true });
  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("Approving after the merge was reverted says that the record is not on main.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  shop.operator.git("revert", "--no-edit", "--mainline", "1", "HEAD");

  const approved = await approve(shop);

  expect(approved).toMatchObject({ ok: false, exit: "failed" });
  shop.operator.git("revert", "--no-edit", "HEAD");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("The rejected content of one run does not keep new content from being shown.", async () => {
  const shop = await mailShop();
  await shop.reject((await shop.gate()).id, "not now");
  await shop.tick();
  shop.plays["writer"] = () => ({ outputs: { text: "Something new" } });

  await shop.request("shop/mail");
  await shop.tick();

  expect((await shop.gate()).items).toHaveLength(2);
});

test("The operator's unmerged work on a gate's branch outlives the gate.", async () => {
  const shop = await mailShop();
  const { branch, folder } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  const edited = shop.operator.commit({ [`${folder}/thoughts.md`]: "Half a thought.\n" });
  shop.operator.git("switch", "--quiet", "main");

  shop.pass("3d");
  await shop.tick();

  expect(shop.closedRuns()).toMatchObject([{ result: "rejected" }]);
  expect(shop.operator.git("rev-parse", branch)).toBe(edited);
});
