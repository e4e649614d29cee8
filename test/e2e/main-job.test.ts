import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SOURCES } from "../support/shipped.ts";
import { makeDesk, openGate } from "./program.ts";

test("the studio drafts reminders, waits, sends what is approved once, and has nothing left to do", async () => {
  const desk = makeDesk({ surroundings: SOURCES });
  onTestFinished(desk.remove);

  const tried = await desk.fettle("try", "studio");
  const studio = desk.at(join(desk.folder, "studio"));
  const gate = await openGate(studio);

  expect(tried).toMatchObject({ code: 0 });
  expect(tried.stdout).toContain("Send the reminders");
  expect(tried.stdout).toContain(`fettle -C ${studio.folder} approve ${gate}`);
  expect(tried.stderr).toContain(`waits for you: fettle -C ${studio.folder} approve ${gate}`);

  const approved = await desk.fettle("-C", "studio", "approve", gate.slice(0, 10));
  expect(approved).toMatchObject({ code: 0, stderr: "" });
  expect(approved.stdout).toContain("fettle -C studio reconcile");
  expect(await studio.git("log", "-1", "--format=%an: %s", "main")).toBe(
    "Ada Northwind: Approve: Send the reminders",
  );

  const sent = await studio.fettle("reconcile", "--quiet");
  const outbox = join(studio.folder, "projects/collections/outbox");
  const mails = readdirSync(outbox);
  expect(sent).toMatchObject({ code: 0, stderr: "" });
  expect(sent.stdout).toContain("met: 0");
  expect(mails.length).toBeGreaterThan(5);
  expect(readFileSync(join(outbox, mails[0] ?? ""), "utf8")).toMatch(/^From: Ada/u);
  expect(await studio.git("status", "--porcelain")).toBe("");

  const refs = await studio.git("for-each-ref");
  const again = await studio.fettle("reconcile");
  expect(again.stdout).toContain("nothing to do");
  expect(again.stderr).toBe("");
  expect(await studio.git("for-each-ref")).toBe(refs);
});
