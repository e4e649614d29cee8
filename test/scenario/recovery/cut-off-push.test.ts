import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchedRef, MAIN, pendingRef, seenRef, STATE } from "#runner/core/ref-names.ts";
import { expect, test } from "vitest";
import { mailCompany, noteCompany } from "../../support/company.ts";
import { addOrigin, makeRepository, type TestRepository } from "../../support/git-repo.ts";
import { mailShop } from "../../support/mail-shop.ts";
import { made, Rehearsal } from "../../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";

interface Company {
  readonly operator: TestRepository;
  readonly origin: TestRepository;
}

function published(files: ReturnType<typeof noteCompany>): Company {
  const operator = makeRepository();
  operator.commit(files, "Start the company");
  return { operator, origin: addOrigin(operator) };
}

function refs(repository: TestRepository): string {
  return repository.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");
}

/** The commit of the state that holds an event of the kind. */
function bookedAs({ operator }: Company, kind: string): string {
  const search = [`-G"kind":"${kind}"`, "-1", "--format=%H", STATE, "--", "events"];
  return operator.git("log", ...search);
}

/** This clone as it was when `commit` was durable here and its push had not begun. */
async function beforePush({ operator }: Company, commit: string): Promise<void> {
  const { runner } = await operator.open();
  const before = operator.git("rev-parse", `${commit}^`);
  for (const ref of [STATE, fetchedRef(STATE), seenRef(STATE)])
    operator.git("update-ref", ref, before);
  operator.git("update-ref", pendingRef(runner, STATE), commit);
}

async function delivered(): Promise<{ company: Company; shop: Rehearsal; to: string }> {
  const company = published(noteCompany());
  const { operator } = company;
  const plays = { scribe: () => made(NOTE, "delivered\n") };
  const shop = new Rehearsal({ files: {}, operator, plays });
  await shop.request("shop/note");
  await shop.tick();
  const to = operator.git("rev-parse", "main");
  await beforePush(company, bookedAs(company, "files-delivered"));
  operator.git("reset", "--hard", "--quiet", "main^");
  operator.git("update-ref", fetchedRef(MAIN), "main");
  return { company, shop, to };
}

test("A delivery whose push did not begin is made again with its commit of main, which nobody holds.", async () => {
  const { company, shop } = await delivered();
  const { operator, origin } = company;
  origin.git("update-ref", STATE, operator.git("rev-parse", STATE));
  origin.git("update-ref", MAIN, operator.git("rev-parse", MAIN));

  await shop.tick();

  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(refs(origin)).toBe(refs(operator));
  expect(await shop.verify()).toMatchObject({ findings: [] });
});

test("A delivery that the origin has accepted reaches the operator's files in the next tick, though this clone died before.", async () => {
  const { company, shop, to } = await delivered();
  const { operator, origin } = company;
  const from = operator.git("rev-parse", MAIN);
  const checkouts = [{ gitDir: join(operator.path, ".git"), workTree: operator.path }];
  const journal = join(operator.path, ".git", "fettle", "delivery.json");
  writeFileSync(journal, JSON.stringify({ from, to, checkouts }));

  await shop.tick();

  expect(operator.git("rev-parse", MAIN)).toBe(to);
  expect(refs(origin)).toBe(refs(operator));
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("The branch of a gate whose end was not pushed goes with that push.", async () => {
  const company = published(mailCompany());
  const { operator, origin } = company;
  const shop = await mailShop({ operator, files: {} });
  const gate = await shop.gate();
  const head = operator.git("rev-parse", gate.branch);
  await shop.reject(gate.id, "not now");
  await shop.tick();
  const settled = bookedAs(company, "gate-settled");
  await beforePush(company, settled);
  origin.git("update-ref", STATE, `${settled}^`);
  for (const repository of [operator, origin]) repository.git("branch", gate.branch, head);

  await shop.tick();

  expect(origin.git("branch", "--list", "fettle/gate/*")).toBe("");
  expect(refs(origin)).toBe(refs(operator));
});
