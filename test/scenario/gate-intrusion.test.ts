/** What was put on a gate's branch after the proposal is not approved unseen. */
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { approve, mailShop, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const EVE = "eve@example.com";
const POLICY = "projects/shop/policy.txt";

/** Commits on the branch of the open gate, as somebody else where an e-mail is given. */
async function onBranch(
  shop: Rehearsal,
  files: Readonly<Record<string, string>>,
  email: string | null = null,
): Promise<string> {
  const { operator } = shop;
  operator.git("switch", "--quiet", (await shop.gate()).branch);
  operator.write(files);
  operator.git("add", "--all");
  const args = ["commit", "--quiet", "--message", "better"];
  if (email === null) operator.git(...args);
  else shop.gitAs(email, ...args);
  const commit = operator.git("rev-parse", "HEAD");
  operator.git("switch", "--quiet", "main");
  return commit;
}

/** Runs the commands of a hint as the operator; "git" is each time the first word. */
function follow(shop: Rehearsal, hint: string, word: string): void {
  const line = hint.split("\n").find((each) => each.includes(word)) ?? "";
  const [commands = ""] = line.trim().split("   ");
  for (const command of commands.split(" && ")) {
    const [, ...args] = command.split(" ");
    shop.operator.git(...args, ...(args[0] === "commit" ? ["--message", "Send the mails"] : []));
  }
}

test("A stranger's commit outside of the gate is named, and not merged except by hand.", async () => {
  const shop = await mailShop();
  const before = shop.operator.git("rev-parse", "main");
  const commit = await onBranch(shop, { [POLICY]: "everything\n" }, EVE);

  const approved = await approve(shop);

  if (approved.ok) throw new Error("it was approved");
  expect(approved.exit).toBe("refused");
  expect(approved.message).toContain(`${commit.slice(0, 7)} by ${EVE} (${POLICY})`);
  expect(shop.operator.git("rev-parse", "main")).toBe(before);
  follow(shop, approved.hint, "git log -p");
  follow(shop, approved.hint, "git merge");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("A stranger's commit in the record is named, and can be made the operator's own.", async () => {
  const shop = await mailShop();
  const { items } = await shop.gate();
  await onBranch(shop, { [items[0]?.path ?? ""]: "outputs: { text: Dear Ann }\n" }, EVE);

  const approved = await approve(shop);

  if (approved.ok) throw new Error("it was approved");
  expect(approved.message).toContain(EVE);
  follow(shop, approved.hint, "git merge");
  await shop.tick();
  expect(sent(shop)).toContainEqual({ to: "ann", text: "Dear Ann" });
});

test("The branch can be taken back to the proposal, and then be approved.", async () => {
  const shop = await mailShop();
  await onBranch(shop, { [POLICY]: "everything\n" }, EVE);

  const approved = await approve(shop);

  if (approved.ok) throw new Error("it was approved");
  follow(shop, approved.hint, "git branch");
  expect(await approve(shop)).toMatchObject({ ok: true });
  expect(shop.text(POLICY)).toBeUndefined();
});

test("A stranger's commit below an operator's is named, too.", async () => {
  const shop = await mailShop();
  const { folder } = await shop.gate();
  await onBranch(shop, { [`${folder}/a.md`]: "mine\n" }, EVE);
  await onBranch(shop, { [`${folder}/b.md`]: "mine\n" });

  const approved = await approve(shop);

  expect(approved).toMatchObject({ ok: false, exit: "refused" });
  expect(approved).toMatchObject({ message: expect.stringContaining(EVE) });
});

test("An operator's commit is merged where it changes what the gate shows, and named where it does not.", async () => {
  const shop = await mailShop();
  const { items } = await shop.gate();
  await onBranch(shop, { [items[0]?.path ?? ""]: "outputs: { text: Dear Ann }\n" });
  const elsewhere = await onBranch(shop, { [POLICY]: "everything\n" });

  const approved = await approve(shop);

  expect(approved).toMatchObject({ message: expect.stringContaining(elsewhere.slice(0, 7)) });
  shop.operator.git("branch", "--force", (await shop.gate()).branch, `${elsewhere}^`);
  expect(await approve(shop)).toMatchObject({ ok: true });
  await shop.tick();
  expect(sent(shop)).toContainEqual({ to: "ann", text: "Dear Ann" });
});

test("What an operator's merge took from main onto the branch is no intrusion.", async () => {
  const shop = await mailShop();
  const { operator } = shop;
  operator.write({ [POLICY]: "nothing\n" });
  operator.git("add", "--all");
  shop.gitAs(EVE, "commit", "--quiet", "--message", "policy");
  operator.git("switch", "--quiet", (await shop.gate()).branch);
  operator.git("merge", "--quiet", "--no-edit", "main");
  operator.git("switch", "--quiet", "main");

  expect(await approve(shop)).toMatchObject({ ok: true });
});

test("What an operator's merge on the branch added by itself is told.", async () => {
  const shop = await mailShop();
  const { operator } = shop;
  operator.git("switch", "--quiet", (await shop.gate()).branch);
  operator.git("merge", "--quiet", "--no-commit", "--no-ff", "main");
  operator.commit({ [POLICY]: "everything\n" });
  operator.git("switch", "--quiet", "main");

  const approved = await approve(shop);

  expect(approved).toMatchObject({ ok: false, message: expect.stringContaining(POLICY) });
});

test("A branch that was replaced is not merged.", async () => {
  const shop = await mailShop();
  const { branch, head } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.git("commit", "--quiet", "--amend", "--message", "Send the mails");
  shop.operator.git("switch", "--quiet", "main");

  const approved = await approve(shop);

  if (approved.ok) throw new Error("it was approved");
  expect(approved.message).toContain(`${head.slice(0, 12)} was replaced by`);
  follow(shop, approved.hint, "git branch");
  expect(await approve(shop)).toMatchObject({ ok: true });
});

test("In another clone the commands name commits, and the origin's branch is taken back.", async () => {
  const first = makeRepository();
  first.commit(mailCompany(), "Start the company");
  const origin = addOrigin(first);
  const shop = await mailShop({ operator: first, files: {} });
  const { branch, head } = await shop.gate();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  const commit = await onBranch(shop, { [POLICY]: "everything\n" }, EVE);
  first.git("push", "--quiet", "origin", branch);
  await second.tick();

  const approved = await approve(second);

  if (approved.ok) throw new Error("it was approved");
  expect(approved.hint).toContain(`${head.slice(0, 12)}..${commit.slice(0, 12)}`);
  follow(second, approved.hint, "git log -p");
  follow(second, approved.hint, "git push");
  expect(origin.git("rev-parse", branch)).toBe(head);
});
