/** Who brought a decision to main: only what an operator merged or committed proves an approval. */
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import {
  addOrigin,
  cloneOf,
  makeFolder,
  makeRepository,
  repositoryAt,
  runGit,
  type TestRepository,
} from "../support/git-repo.ts";
import { mailShop, mergeGate, reasons, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const EVE = "eve@example.com";

interface Setting {
  readonly shop: Rehearsal;
  readonly origin: TestRepository;
  readonly eve: Rehearsal;
  readonly branch: string;
}

/** A gate waits at the origin; Eve, who is not an operator, has a clone of it. */
async function setting(operator = companyRepository()): Promise<Setting> {
  const origin = addOrigin(operator);
  const shop = await mailShop({ operator, files: {} });
  const eve = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  const { branch } = await shop.gate();
  return { shop, origin, eve, branch };
}

function companyRepository(): TestRepository {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  return operator;
}

/** Ada has a commit of her own, so that her pull makes a merge. */
function pull({ operator }: Rehearsal): void {
  operator.commit({ "notes.txt": "mine\n" });
  operator.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main");
  operator.git("push", "--quiet", "origin", "main");
}

function mergeAsEve({ eve, branch }: Setting): void {
  eve.gitAs(EVE, "merge", "--quiet", "--no-ff", "--no-edit", `origin/${branch}`);
  eve.operator.git("push", "--quiet", "origin", "main");
}

test("A stranger's merge is not the operator's because the operator pulled it.", async () => {
  const scene = await setting();
  mergeAsEve(scene);

  pull(scene.shop);
  const tick = await scene.shop.tick();

  expect(reasons(tick)).toEqual(["approval-unproven"]);
  expect(tick.holds[0]?.why).toContain(EVE);
  expect(sent(scene.shop)).toEqual([]);
});

test("A stranger's merge stays one through two pulls, and the operator can still approve it.", async () => {
  const scene = await setting();
  const { shop, origin } = scene;
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  other.operator.commit({ "other.txt": "mine\n" });
  mergeAsEve(scene);
  other.operator.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main");
  other.operator.git("push", "--quiet", "origin", "main");

  pull(shop);
  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);

  const record = `${(await shop.gate()).folder}/decision.md`;
  shop.operator.commit({ [record]: `${shop.text(record)}\nI have read it.\n` });
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("An operator's merge stays one when another operator pulls it.", async () => {
  const { shop, origin, branch } = await setting();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  shop.operator.git("merge", "--quiet", "--no-edit", branch);
  shop.operator.git("push", "--quiet", "origin", "main");

  pull(other);
  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
});

test("A stranger's merge that brings back what the operator reverted approves nothing.", async () => {
  const { shop, eve, branch } = await setting();
  const { operator } = shop;
  operator.git("merge", "--quiet", "--no-edit", branch);
  const approved = operator.git("rev-parse", "HEAD");
  operator.git("revert", "--no-edit", "--mainline", "1", "HEAD");
  operator.git("push", "--quiet", "origin", "main");
  eve.operator.git("fetch", "--quiet", "origin");

  const parents = ["-p", "origin/main", "-p", approved];
  const forged = eve.gitAs(EVE, "commit-tree", "-m", "pull", ...parents, `${approved}^{tree}`);
  eve.operator.git("push", "--quiet", "origin", `${forged}:main`);

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("A merge of an operator's edit into a stranger's does not approve the mixture.", async () => {
  const shop = await mailShop();
  const [ann, bob] = (await shop.gate()).items.map(({ path }) => path);
  await mergeGate(shop);
  shop.operator.git("switch", "--quiet", "--create", "side");
  shop.operator.commit({ [bob ?? ""]: "outputs: { text: Dear Bob }\n" });
  shop.operator.git("switch", "--quiet", "main");
  shop.operator.write({ [ann ?? ""]: "outputs: { text: Pay Eve }\n" });
  shop.gitAs(EVE, "commit", "--quiet", "--all", "--message", "better");

  shop.operator.git("merge", "--quiet", "--no-edit", "side");

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("An operator's merge of the branch with an operator's edit on it approves.", async () => {
  const { shop, branch } = await setting();
  const { items } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({ [items[0]?.path ?? ""]: "outputs: { text: Dear Ann }\n" });
  shop.operator.git("merge", "--quiet", "--no-edit", "main");
  shop.operator.git("switch", "--quiet", "main");

  shop.operator.git("merge", "--quiet", "--no-ff", "--no-edit", branch);
  shop.operator.git("push", "--quiet", "origin", "main", branch);
  await shop.tick();

  expect(sent(shop)).toContainEqual({ to: "ann", text: "Dear Ann" });
});

test("An operator's edit on the branch is no approval when a stranger merges the branch.", async () => {
  const { shop, eve, branch } = await setting();
  const { folder } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({ [`${folder}/thoughts.md`]: "Half a thought.\n" });
  shop.operator.git("push", "--quiet", "origin", branch);
  shop.operator.git("switch", "--quiet", "main");
  eve.operator.git("fetch", "--quiet", "origin");

  const message = ["--message", "Merge branch 'main' of the origin"];
  eve.gitAs(EVE, "merge", "--quiet", "--no-ff", ...message, `origin/${branch}`);
  eve.operator.git("push", "--quiet", "origin", "main");

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("A stranger's edit of what is shown does not count as the operator's because the operator merged the branch.", async () => {
  const shop = await mailShop();
  const { branch, items } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.write({ [items[0]?.path ?? ""]: "outputs: { text: Pay Eve }\n" });
  shop.gitAs(EVE, "commit", "--quiet", "--all", "--message", "better");
  shop.operator.git("switch", "--quiet", "main");

  await mergeGate(shop);
  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["approval-unproven"]);
  expect(tick.holds[0]?.why).toContain(EVE);
  expect(sent(shop)).toEqual([]);
});

test("A stranger's merge of main on the branch, pushed to main and pulled, approves nothing.", async () => {
  const { shop, eve, branch } = await setting();
  eve.operator.git("switch", "--quiet", "--detach", `origin/${branch}`);
  eve.gitAs(EVE, "merge", "--quiet", "--no-edit", "main");
  eve.operator.git("push", "--quiet", "origin", "HEAD:main");
  eve.operator.git("fetch", "--quiet", "origin");

  shop.operator.commit({ "notes.txt": "mine\n" });
  shop.operator.git("fetch", "--quiet", "origin");
  shop.operator.git("merge", "--quiet", "--message", "Catch up", "origin/main");
  shop.operator.git("push", "--quiet", "origin", "main");

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("Where a stranger moved main to the proposal itself, the operator's pull approves nothing.", async () => {
  const path = makeFolder();
  runGit(path, ["init", "--quiet", "--initial-branch=main"]);
  const operator = repositoryAt(path);
  operator.commit(mailCompany(), "Start the company");
  const { shop, eve, branch } = await setting(operator);
  eve.operator.git("push", "--quiet", "origin", `origin/${branch}:main`);

  pull(shop);

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("A merge of several branches at once approves nothing.", async () => {
  const shop = await mailShop();
  const { branch } = await shop.gate();
  shop.operator.git("branch", "side");
  shop.operator.git("switch", "--quiet", "side");
  shop.operator.commit({ "side.txt": "mine\n" });
  shop.operator.git("switch", "--quiet", "main");
  shop.operator.commit({ "notes.txt": "mine\n" });

  shop.operator.git("merge", "--quiet", "--no-edit", branch, "side");

  expect(shop.operator.git("log", "-1", "--format=%P").split(" ")).toHaveLength(3);
  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("A shallow clone proves no approval that came with another line.", async () => {
  const { shop, origin, branch } = await setting();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  shop.operator.git("merge", "--quiet", "--no-edit", branch);
  shop.operator.git("push", "--quiet", "origin", "main");
  pull(other);
  const shallow = new Rehearsal({ files: {}, operator: cloneOf(origin, "--depth=3") });

  const tick = await shallow.tick();

  expect(reasons(tick)).toEqual(["approval-unproven"]);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});
