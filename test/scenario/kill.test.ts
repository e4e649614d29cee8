import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, mailCompany, noteCompany } from "../support/company.ts";
import { makeFolder } from "../support/git-repo.ts";
import { killedWhen } from "../support/killed-process.ts";
import { mailShop, mergeGate } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** Nothing of git is broken, the files on disk are main's, and there is nothing more to do. */
async function expectSound(shop: Rehearsal): Promise<void> {
  expect(shop.operator.git("fsck", "--no-dangling", "--no-progress")).toBe("");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
  expect((await shop.tick()).booked).toBe(0);
}

test("A process that is killed during a step leaves nothing of it; the next one does it again.", async () => {
  const marks = makeFolder();
  const script = `echo started >> ${marks}/log
[ -e ${marks}/again ] || sleep 30
mkdir -p projects/shop && echo whole > projects/shop/note.md
printf '{"outputs":{}}'
`;
  const shop = new Rehearsal({ files: { ...noteCompany(), "agents/scribe/main.sh": script } });
  await shop.request("shop/note");
  const hasBegun = (): boolean =>
    existsSync(join(marks, "log")) && readFileSync(join(marks, "log"), "utf8") === "started\n";
  expect(await killedWhen(shop, hasBegun)).toBe("SIGKILL");
  expect(shop.text("projects/shop/note.md")).toBeUndefined();

  writeFileSync(join(marks, "again"), "");
  await shop.tick();

  expect(shop.text("projects/shop/note.md")).toBe("whole");
  expect(readFileSync(join(marks, "log"), "utf8")).toBe("started\nstarted\n");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
  await expectSound(shop);
});

test("A process that is killed during an effect asks again under the same key, and nothing is doubled.", async () => {
  const marks = makeFolder();
  const script = `key=$(grep -o '"key":"[^"]*"' | tail -n 1)
echo "$key" >> ${marks}/sent
[ -e ${marks}/again ] || sleep 30
printf '{"outputs":{}}'
`;
  const files = {
    ...mailCompany(),
    ...agent("sender", {
      effects: "external",
      idempotency: "native",
      runtime: { command: ["sh", "agents/sender/main.sh"] },
    }),
    "agents/sender/main.sh": script,
  };
  const shop = await mailShop({ files });
  delete shop.plays["sender"];
  await mergeGate(shop);
  const sentLines = (): string[] =>
    existsSync(join(marks, "sent"))
      ? readFileSync(join(marks, "sent"), "utf8").trim().split("\n")
      : [];
  expect(await killedWhen(shop, () => sentLines().length === 2)).toBe("SIGKILL");

  writeFileSync(join(marks, "again"), "");
  await shop.tick();

  expect(sentLines()).toHaveLength(4);
  expect(new Set(sentLines()).size).toBe(2);
  await expectSound(shop);
});

test.each([0, 8, 16])(
  "A process that is killed during a delivery has it finished by the next one (%i ms in).",
  async (later) => {
    const script = `mkdir -p projects/shop/many
for n in $(seq 40); do echo "$n" > projects/shop/many/$n.md; done
printf '{"outputs":{}}'
`;
    const files = { ...noteCompany(), "agents/scribe/main.sh": script };
    const shop = new Rehearsal({ files });
    shop.operator.write({ "scratch.txt": "mine\n" });
    appendFileSync(join(shop.operator.path, ".git/info/exclude"), "scratch.txt\n");
    await shop.request("shop/note");
    const journal = join(shop.operator.path, ".git/fettle/delivery.json");
    let seenAt = 0;
    await killedWhen(shop, () => {
      if (seenAt === 0 && existsSync(journal)) seenAt = performance.now();
      return seenAt > 0 && performance.now() - seenAt >= later;
    });

    await shop.tick();

    expect(shop.text("projects/shop/many/40.md")).toBe("40");
    expect(shop.operator.git("log", "--format=%s", "main").split("\n")).toHaveLength(3);
    expect(readFileSync(join(shop.operator.path, "scratch.txt"), "utf8")).toBe("mine\n");
    await expectSound(shop);
  },
);

test("A step that ends its own runner again and again counts as crashed, waits, and is not begun for ever.", async () => {
  const marks = makeFolder();
  const script = `echo started >> ${marks}/log
[ -e ${marks}/tame ] || sleep 30
printf '{"outputs":{}}'
`;
  const shop = new Rehearsal({ files: { ...noteCompany(), "agents/scribe/main.sh": script } });
  await shop.request("shop/note");
  const begun = (): number =>
    existsSync(join(marks, "log"))
      ? readFileSync(join(marks, "log"), "utf8").trim().split("\n").length
      : 0;
  for (let times = 1; times <= 5; times += 1) {
    expect(await killedWhen(shop, () => begun() >= times)).toBe("SIGKILL");
  }

  const tick = await shop.tick();

  expect(begun()).toBe(5);
  const why = "attempt 1 ended crashed: its runner has died 5 times while it was at work";
  expect(tick.holds).toMatchObject([{ reason: "retry-wait", why }]);
  writeFileSync(join(marks, "tame"), "");
  shop.pass("1h");
  await shop.tick();
  expect(shop.closedRuns()).toMatchObject([
    { result: "succeeded", attempts: [{ outcome: "crashed" }, { outcome: "succeeded" }] },
  ]);
  expect((await shop.verify()).findings).toEqual([]);
});
