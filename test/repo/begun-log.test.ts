import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BegunLog } from "#runner/repo/begun-log.ts";
import { makeFolder } from "../support/git-repo.ts";

test("what was begun and has not ended is counted over all processes that were killed", () => {
  const fettleDir = makeFolder();
  new BegunLog({ fettleDir }).begin("a");
  const second = new BegunLog({ fettleDir });
  second.begin("a");
  second.begin("b");
  second.end("b");

  const third = new BegunLog({ fettleDir });

  expect(["a", "b", "c"].map((key) => third.times(key))).toEqual([2, 0, 0]);
});

test("what has ended begins anew, and a log of nothing is removed", () => {
  const fettleDir = makeFolder();
  const log = new BegunLog({ fettleDir });
  log.begin("a");
  log.end("a");
  expect(new BegunLog({ fettleDir }).times("a")).toBe(0);

  log.close();

  expect(existsSync(join(fettleDir, "begun.log"))).toBe(false);
});

test("what an earlier process left stays known until it has ended", () => {
  const fettleDir = makeFolder();
  new BegunLog({ fettleDir }).begin("a");
  const second = new BegunLog({ fettleDir });
  second.begin("b");
  second.end("b");
  second.close();

  expect(new BegunLog({ fettleDir }).times("a")).toBe(1);
});

test("a line that was cut off names nothing", () => {
  const fettleDir = makeFolder();
  appendFileSync(join(fettleDir, "begun.log"), "+a\n+b");

  const log = new BegunLog({ fettleDir });

  expect(["a", "b"].map((key) => log.times(key))).toEqual([1, 0]);
});

test("a process that begins nothing leaves the log alone", () => {
  const fettleDir = makeFolder();

  new BegunLog({ fettleDir }).close();

  expect(existsSync(join(fettleDir, "begun.log"))).toBe(false);
});
