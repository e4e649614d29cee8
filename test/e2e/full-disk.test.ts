/** A disk that is full, as a file system of a few MB: here, and at the origin. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { ended, makeDesk, PROGRAM, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const SEES =
  'mkdir -p projects/shop\ndate > projects/shop/note.md\nprintf \'{"outcome":"succeeded","outputs":{}}\'\n';
const COMPANY = {
  ...settings(),
  ...project("shop"),
  ...agent("scribe", { writes: ["${{ project.dir }}/**"] }),
  "agents/scribe/main.sh": SEES,
  ...pipeline("shop/note", [{ id: "write", agent: "scribe" }]),
};

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

const desk = makeDesk();
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company", COMPANY);
  await company.fettle("reconcile");
  await desk.git("clone", "--quiet", "--mirror", company.folder, "origin.git");
  mkdirSync(join(desk.folder, "disk"));
});
afterAll(desk.remove);

/** Runs the script where `disk` is a small file system of its own; `fettle` is the program. */
async function onSmallDisk(script: string): Promise<string> {
  const mount = 'mount -t tmpfs -o size=4m tmpfs disk && fettle() { "$NODE" "$PROGRAM" "$@"; }';
  const fill = "fill() { cat /dev/zero > disk/fill 2>/dev/null; true; }";
  const child = spawn("unshare", ["-rm", "sh", "-c", `${mount}\n${fill}\n${script}`], {
    cwd: desk.folder,
    env: { ...desk.environment, NODE: process.execPath, PROGRAM },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout, stderr } = await ended(child);
  return stdout + stderr;
}

describe.runIf(canMount())("on a disk of 4 MB", () => {
  test("a full disk is a pause: it is told as one, nothing is damaged, and with room the work goes on", async () => {
    const said = await onSmallDisk(`
      cp -r company disk/company; cd disk/company
      fettle run note > /dev/null
      cd ../..; fill; cd disk/company
      fettle reconcile; echo "full: $?"
      git fsck --no-dangling --no-progress && echo "sound"
      rm ../fill
      fettle reconcile > /dev/null; echo "room: $?"
      git fsck --no-dangling --no-progress && fettle verify > /dev/null && echo "verified"
      git show --stat main | grep note.md
    `);

    expect(said).toContain("full: 75");
    expect(said).toMatch(/the disk is full|could not be written/u);
    expect(said).not.toContain("a bug");
    expect(said).toContain("sound");
    expect(said).toContain("room: 0");
    expect(said).toContain("verified");
    expect(said).toContain("projects/shop/note.md");
  });

  test("an origin whose disk is full takes nothing; the results wait here and are published when there is room", async () => {
    const said = await onSmallDisk(`
      cp -r origin.git disk/origin.git; cp -r company here; cd here
      git remote add origin ../disk/origin.git
      fettle run note > /dev/null; echo "asked: $?"
      cd ..; fill; cd here
      fettle reconcile; echo "full: $?"
      git -C ../disk/origin.git fsck --no-dangling --no-progress && echo "sound"
      rm ../disk/fill
      fettle reconcile > /dev/null; echo "room: $?"
      git -C ../disk/origin.git fsck --no-dangling --no-progress && echo "sound again"
      git -C ../disk/origin.git show --stat main | grep note.md
    `);

    expect(said).toContain("asked: 0");
    expect(said).toContain("full: 75");
    expect(said).not.toContain("a bug");
    expect(said).toMatch(/^sound$/mu);
    expect(said).toContain("room: 0");
    expect(said).toContain("sound again");
    expect(said).toContain("projects/shop/note.md");
  });
});
