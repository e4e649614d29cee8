import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Cache } from "#runner/repo/cache.ts";
import { makeFolder } from "../support/git-repo.ts";

test("what was put is got again, under its own key", async () => {
  const cache = new Cache(join(makeFolder(), "cache"));

  await cache.put("manifest-ab12", { n: 1 });
  await cache.put("manifest-ab12", { n: 2 });

  expect(await cache.get("manifest-ab12")).toEqual({ n: 2 });
  expect(await cache.get("manifest-ab13")).toBeUndefined();
});

test("where the git dir is gone, moved or removed, nothing is put, and nothing stands there again", async () => {
  const home = makeFolder();
  const cache = new Cache(join(home, "company/.git/fettle/cache"));

  await expect(cache.put("manifest-ab12", 1)).rejects.toThrow(/ENOENT/);

  expect(readdirSync(home)).toEqual([]);
});

test("a damaged entry is a miss", async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "ab"));
  writeFileSync(join(folder, "ab", "ab12.json"), '{"n":');

  expect(await new Cache(folder).get("ab12")).toBeUndefined();
});

test("a key cannot leave the folder", async () => {
  const cache = new Cache(makeFolder());

  await expect(cache.put("../../x", 1)).rejects.toThrow(/cannot be a cache key/);
});

test("the oldest entries go when the cache is too large", async () => {
  const folder = makeFolder();
  const cache = new Cache(folder);
  for (const [index, key] of ["aa1", "bb2", "cc3"].entries()) {
    await cache.put(key, "x".repeat(100));
    utimesSync(join(folder, key.slice(0, 2), `${key}.json`), index, index);
  }

  await cache.prune(250);
  await new Cache(join(folder, "absent")).prune();

  expect(await cache.get("aa1")).toBeUndefined();
  expect(await cache.get("cc3")).toBeDefined();
  expect(
    readdirSync(folder, { recursive: true }).filter((name) => /\./.test(String(name))),
  ).toHaveLength(2);
});

test("pruning is done once a day", async () => {
  const folder = makeFolder();
  const cache = new Cache(folder);
  const large = async (key: string): Promise<void> => {
    await cache.put(key, 1);
    truncateSync(join(folder, key.slice(0, 2), `${key}.json`), 65 * 1024 * 1024);
  };
  const names = (): string => readdirSync(folder, { recursive: true }).join(" ");

  await large("aa1");
  await cache.pruneDaily("2026-11-25T08:00:00.000Z");
  await large("bb2");
  await cache.pruneDaily("2026-11-25T23:59:00.000Z");

  expect(names()).not.toContain("aa1");
  expect(names()).toContain("bb2");
  await cache.pruneDaily("2026-11-26T00:00:00.000Z");
  expect(names()).not.toContain("bb2");
});
