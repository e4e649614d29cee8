import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deliver, recoverDelivery } from "#runner/repo/delivery.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { makeRepository } from "../support/git-repo.ts";
import type { Prepared } from "../support/prepared-delivery.ts";
import { edited, prepareDelivery, report } from "../support/prepared-delivery.ts";

function read(operator: TestRepository, path: string): string {
  return readFileSync(join(operator.path, path), "utf8");
}

function remains(operator: TestRepository): string[] {
  const names = ["index.lock", `fettle-index-${process.pid}`, "fettle/delivery.json"];
  return names.filter((name) => existsSync(join(operator.path, ".git", name)));
}

/** Leaves everything as a runner killed right after the refs had moved would. */
async function dieAfterMove(operator: TestRepository, delivery: Prepared): Promise<void> {
  const died = deliver({
    ...delivery,
    move: async () => {
      await delivery.move();
      throw new Error("killed");
    },
    hasMoved: () => false,
  });
  await expect(died).rejects.toThrow("killed");
  writeFileSync(join(operator.path, ".git/index.lock"), "fettle\n");
}

test("a delivery that died after the refs had moved is finished at the next start", async () => {
  const operator = makeRepository({ "a.txt": "a\n", "old.txt": "old\n" });
  const delivery = await prepareDelivery(operator, [
    report,
    edited,
    { path: "old.txt", delete: true },
  ]);
  await dieAfterMove(operator, delivery);

  expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "finished" });

  expect(operator.git("status", "--porcelain")).toBe("");
  expect(read(operator, "a.txt")).toBe("delivered\n");
  expect(remains(operator)).toEqual([]);
  expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "nothing" });
});

test("files that were already written before the death do not stand in the way", async () => {
  const operator = makeRepository({ "a.txt": "a\n", "b.txt": "b\n", "old.txt": "old\n" });
  const delivery = await prepareDelivery(operator, [
    report,
    edited,
    { path: "old.txt", delete: true },
  ]);
  await dieAfterMove(operator, delivery);
  operator.write({ "reports/march.md": "# March\n", "a.txt": "delivered\n", "b.txt": "mine\n" });
  rmSync(join(operator.path, "old.txt"));

  expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "finished" });

  expect(operator.git("status", "--porcelain")).toBe(" M b.txt");
});

test.each(["", "# Ma"])(
  "a file that was being written when its git died is written again (%j)",
  async (begun) => {
    const operator = makeRepository({ "a.txt": "a\n" });
    const delivery = await prepareDelivery(operator, [report, edited]);
    await dieAfterMove(operator, delivery);
    operator.write({ "reports/march.md": begun, "a.txt": "deliv" });

    expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "finished" });

    expect(operator.git("status", "--porcelain")).toBe("");
    expect(read(operator, "reports/march.md")).toBe("# March\n");
    expect(read(operator, "a.txt")).toBe("delivered\n");
  },
);

test("an edit made between the death and the next start is kept, and told", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  const delivery = await prepareDelivery(operator, [edited]);
  await dieAfterMove(operator, delivery);
  operator.write({ "a.txt": "mine\n" });

  const recovered = await recoverDelivery(delivery.repository);

  expect(recovered).toEqual({ kind: "behind", workTree: operator.path, paths: ["a.txt"] });
  expect(read(operator, "a.txt")).toBe("mine\n");
  operator.write({ "a.txt": "a\n" });
  expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "finished" });
  expect(read(operator, "a.txt")).toBe("delivered\n");
});

test("a delivery that died before the refs moved leaves nothing to do", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  const delivery = await prepareDelivery(operator, [edited]);
  const died = deliver({
    ...delivery,
    move: () => Promise.reject(new Error("killed")),
    hasMoved: () => false,
  });
  await expect(died).rejects.toThrow("killed");

  expect(await recoverDelivery(delivery.repository)).toEqual({ kind: "finished" });

  expect(operator.git("status", "--porcelain")).toBe("");
  expect(operator.git("rev-parse", MAIN)).toBe(delivery.from);
});

test("recovery does not touch a lock of the operator's git", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  const delivery = await prepareDelivery(operator, [edited]);
  await dieAfterMove(operator, delivery);
  const lock = join(operator.path, ".git/index.lock");
  writeFileSync(lock, "DIRC");

  const recovered = await recoverDelivery(delivery.repository);

  expect(recovered).toEqual({ kind: "behind", workTree: operator.path, paths: [] });
  expect(existsSync(lock)).toBe(true);
});

test("what a work tree still has to get is not forgotten by the next delivery", async () => {
  const operator = makeRepository({ "a.txt": "a\n", "b.txt": "b\n" });
  await dieAfterMove(operator, await prepareDelivery(operator, [edited]));
  operator.write({ "a.txt": "mine\n" });
  const next = await prepareDelivery(operator, [report]);

  const delivered = await next.deliver();

  const kind = "worktree-behind";
  expect(delivered).toEqual({ kind, workTree: operator.path, paths: ["a.txt"] });
  expect(operator.git("rev-parse", MAIN)).toBe(next.from);
  operator.git("checkout", "main", "--", "a.txt");
  expect(await next.deliver()).toMatchObject({ kind: "delivered", behind: [] });
  expect(operator.git("status", "--porcelain")).toBe("");
  expect(read(operator, "a.txt")).toBe("delivered\n");
});
