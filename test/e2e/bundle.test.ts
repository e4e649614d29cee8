import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { bundled, heavyPackages, loadedFiles } from "../../bench/loaded.ts";
import { noteCompany } from "../support/company.ts";
import { ENVIRONMENT, makeFolder, makeRepository } from "../support/git-repo.ts";

const ROOT = join(import.meta.dirname, "../..");

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, "build.ts")], { stdio: "pipe" });
}, 60_000);

function fettle(...args: readonly string[]): string {
  return fettleOn({}, ...args);
}

/** With more in its environment. */
function fettleOn(more: Readonly<Record<string, string>>, ...args: readonly string[]): string {
  const env = { ...ENVIRONMENT, ...more, FETTLE_DIST: "1" };
  const program = join(ROOT, "bin/fettle.mjs");
  return execFileSync(process.execPath, [program, ...args], {
    env,
    encoding: "utf8",
    stdio: "pipe",
  });
}

test("The bundle says its version.", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

  expect(fettle("--version")).toBe(`${version}\n`);
});

test("The bundle reconciles, and a tick with nothing to do loads one file and no package.", () => {
  const { path } = makeRepository(noteCompany());

  const first = fettle("-C", path, "reconcile");
  fettle("-C", path, "reconcile");
  const loaded = loadedFiles(["-C", path, "reconcile"]);

  expect(first).toContain("1 change recorded");
  expect(loaded.map((url) => url.slice(url.lastIndexOf("/") + 1))).toEqual(["cli.mjs"]);
  expect(heavyPackages(path)).toBe(0);
});

test("A tick with nothing to do loads no module of Node that a bare start does not, but the name of the machine.", () => {
  const { path } = makeRepository(noteCompany());
  for (const _ of [1, 2]) fettle("-C", path, "reconcile");

  const bare = builtinsOf("--eval", "0");
  const loaded = builtinsOf(join(ROOT, "bin/fettle.mjs"), "-C", path, "reconcile");

  expect(loaded.filter((name) => !bare.includes(name))).toEqual(["os"]);
});

/** Names of Node's own modules, its inner ones left out. */
function builtinsOf(...args: readonly string[]): readonly string[] {
  const telling =
    'process.on("exit", () => process.getBuiltinModule("node:fs").writeSync(2, process.moduleLoadList.join("\\n")))';
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(telling)}`, ...args],
    { env: { ...ENVIRONMENT, FETTLE_DIST: "1" }, encoding: "utf8" },
  );
  const names = stderr
    .split("\n")
    .flatMap((line) => /^NativeModule ([a-z_/]+)$/.exec(line)?.[1] ?? []);
  return names.filter((name) => !name.startsWith("internal/"));
}

test("The bundle does the main job: programs and templates at work, a gate, an approval, the mails.", () => {
  const studio = join(makeFolder(), "studio");
  // How many reminders are due depends on the day.
  const monday = { FETTLE_NOW: "2026-11-23T09:00:00Z" };

  const first = fettleOn(monday, "try", studio);
  fettleOn(monday, "-C", studio, "approve", "chase");
  fettleOn(monday, "-C", studio, "reconcile");

  expect(first).toContain("Send the reminders");
  expect(readdirSync(join(studio, "projects/collections/outbox"))).toHaveLength(9);
  expect(fettle("-C", studio, "verify")).toContain("verified");
});

test("A tick at rest answers in the bundle as it does in the source.", () => {
  const { path } = makeRepository(noteCompany());
  for (const _ of [1, 2]) fettle("-C", path, "reconcile");

  const quick = fettle("-C", path, "--json", "reconcile");
  const whole = fettle("--json", "--dir=.", "-C", path, "reconcile");

  expect(JSON.parse(quick)).toEqual(JSON.parse(whole));
});

test("What the quick start runs into is told in the program's own words.", () => {
  const { path } = makeRepository(noteCompany());
  writeFileSync(join(path, ".git/fettle"), "in the way");

  expect(() => fettle("-C", path, "reconcile")).toThrow(
    expect.objectContaining({ status: 70, stderr: expect.stringMatching(/^error: /) }),
  );
});

test("Nothing outside dist/ is imported: what ships needs no packages.", () => {
  const imports = Object.values(bundled().outputs).flatMap((file) => file.imports);
  const outside = imports.filter(({ path }) => {
    return !path.startsWith("dist/") && !existsSync(join(ROOT, "dist", path));
  });

  // Asked for in case it is there, and done without.
  expect(outside.map(({ path }) => path)).toEqual(["supports-color"]);
});
