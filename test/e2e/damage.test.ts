/** Objects and refs that a disk has damaged: told by every verb, named by doctor, and brought back by doctor --repair. */
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const STATE = "refs/heads/fettle/state";
const DONE = 'printf \'{"outcome":"succeeded","outputs":{}}\'\n';
const COMPANY = {
  ...settings(),
  ...project("shop"),
  ...agent("scribe"),
  "agents/scribe/main.sh": DONE,
  ...pipeline("shop/note", [{ id: "write", agent: "scribe" }]),
};

const desk = makeDesk();
let sound: Desk;
let copies = 0;

beforeAll(async () => {
  sound = await makeCompany(desk, "sound", COMPANY);
  await sound.fettle("run", "note");
  await sound.fettle("reconcile");
});
afterAll(desk.remove);

/** A copy of the company, with an origin that holds the same. */
async function copied(hasOrigin: boolean): Promise<Desk> {
  copies += 1;
  const copy = desk.at(join(desk.folder, `copy-${copies}`));
  await desk.git("clone", "--quiet", "--mirror", sound.folder, `origin-${copies}.git`);
  cpSync(sound.folder, copy.folder, { recursive: true, preserveTimestamps: true });
  rmSync(join(copy.folder, ".git/fettle/cache"), { recursive: true, force: true });
  const origin = join(desk.folder, `origin-${copies}.git`);
  if (hasOrigin) await copy.git("remote", "add", "origin", origin);
  if (hasOrigin) await copy.fettle("reconcile");
  return copy;
}

function overwrite(path: string, content: string | Buffer): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}

async function looseFile({ git, folder }: Desk, name: string): Promise<string> {
  const oid = await git("rev-parse", name);
  return join(folder, ".git/objects", oid.slice(0, 2), oid.slice(2));
}

/** The pack with the newest commit of the state. */
async function newestPack({ git, folder }: Desk): Promise<string> {
  const tip = new RegExp(`^${await git("rev-parse", STATE)} commit`, "mu");
  const packs = join(folder, ".git/objects/pack");
  for (const name of readdirSync(packs).filter((file) => file.endsWith(".idx"))) {
    const index = join(packs, name);
    if (tip.test(await git("verify-pack", "-v", index))) return index.replace(/idx$/, "pack");
  }
  throw new Error("the newest commit of the state is in no pack");
}

function flipped(path: string): Buffer {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  return bytes;
}

type Damage = readonly [string, (company: Desk) => Promise<void> | void];
const OBJECTS: readonly Damage[] = [
  [
    "a file of main that holds something else",
    async (it) => overwrite(await looseFile(it, "main:fettle.yaml"), "garbage"),
  ],
  ["the newest commit of main, empty", async (it) => overwrite(await looseFile(it, "main"), "")],
  ["the newest pack of the state, empty", async (it) => overwrite(await newestPack(it), "")],
  [
    "the newest pack of the state, with a bit that fell over",
    async (it) => {
      const pack = await newestPack(it);
      overwrite(pack, flipped(pack));
    },
  ],
];

describe("with an origin", () => {
  test.each(OBJECTS)("%s is found by doctor and fetched again", async (_, damage) => {
    const company = await copied(true);
    await damage(company);

    const told = await company.fettle("doctor");
    const repaired = await company.fettle("doctor", "--repair", "--json");

    expect(told.stdout).toMatch(/problem .*cannot be read: [0-9a-f]{40}/u);
    expect(told.code).toBe(1);
    expect(JSON.parse(repaired.stdout).did.join("\n")).toContain(
      "is put aside in .git/fettle/damaged",
    );
    expect(repaired.code).toBe(0);
    expect(await company.git("fsck", "--no-dangling", "--no-progress")).toBe("");
    expect((await company.fettle("reconcile")).code).toBe(0);
    expect((await company.fettle("verify")).code).toBe(0);
  });
});

function packFiles({ folder }: Desk): readonly string[] {
  return readdirSync(join(folder, ".git/objects/pack")).toSorted();
}

describe("with an origin that cannot give the objects back", () => {
  test.each<[string, (origin: string) => void]>([
    [
      "it is damaged itself",
      (origin) => {
        const packs = join(origin, "objects/pack");
        const names = readdirSync(packs).map((name) => join(packs, name));
        for (const path of names.filter((name) => name.endsWith(".pack"))) {
          const damaged = flipped(path);
          // Its files are those of other repositories too.
          rmSync(path);
          writeFileSync(path, damaged);
        }
      },
    ],
    ["it is gone", (origin) => rmSync(origin, { recursive: true })],
  ])("nothing is put aside, and what to do is said: %s", async (_, damage) => {
    const company = await copied(true);
    const backup = join(desk.folder, `backup-${copies}.git`);
    await desk.git("clone", "--quiet", "--mirror", "--no-hardlinks", company.folder, backup);
    damage(join(desk.folder, `origin-${copies}.git`));
    overwrite(await newestPack(company), "");
    const before = [packFiles(company), await company.git("rev-parse", STATE)];

    const repaired = await company.fettle("doctor", "--repair");

    expect(repaired.stdout).toMatch(
      /^nothing is put aside: \d+ objects? would be lost, for the origin cannot be read as a whole \(.+\)\n {4}mend the origin, or: git remote add rescue /u,
    );
    expect(repaired.code).toBe(1);
    expect([packFiles(company), await company.git("rev-parse", STATE)]).toEqual(before);

    await company.git("remote", "add", "rescue", backup);
    const again = await company.fettle("doctor", "--repair", "--json");

    expect(JSON.parse(again.stdout).did.join("\n")).toContain("was damaged and is put aside");
    expect(await company.git("fsck", "--no-dangling", "--no-progress")).toBe("");
    expect(await company.git("rev-parse", STATE)).toBe(before[1]);
  });
});

test("What cannot be read is no bug and no absence: every verb names it and the command that helps.", async () => {
  const company = await copied(false);
  const blob = await company.git("rev-parse", "main:fettle.yaml");
  overwrite(await looseFile(company, "main:fettle.yaml"), "garbage");

  for (const verb of [["status"], ["plan"], ["reconcile"], ["run", "note"]]) {
    const { code, stderr } = await company.fettle(...verb);
    expect(stderr).toContain(`object ${blob} (fettle.yaml) is missing or damaged`);
    expect(stderr).toContain("fettle doctor --repair");
    expect(code).toBe(1);
  }
});

test("Without an origin the state goes back to the newest commit that can be read: each result where it was durable first.", async () => {
  const company = await copied(false);
  const tip = await company.git("rev-parse", STATE);
  overwrite(await newestPack(company), "");

  const repaired = await company.fettle("doctor", "--repair", "--json");

  const { did } = JSON.parse(repaired.stdout);
  const now = await company.git("rev-parse", STATE);
  expect(did).toContain(`fettle/state goes back to ${now}: ${tip} cannot be read any more`);
  expect(await company.git("ls-tree", "-r", "--name-only", now, "runs/")).toMatch(/\/note\./);
  expect(repaired.code).toBe(0);
  expect((await company.fettle("reconcile")).code).toBe(0);
  expect((await company.fettle("verify")).code).toBe(0);
});

test("Without an origin main goes back to the newest commit of its reflog that can be read; the files stay as they are.", async () => {
  const company = await copied(false);
  const before = await company.git("rev-parse", "main");
  writeFileSync(join(company.folder, "notes.txt"), "mine\n");
  await company.git("add", "notes.txt");
  await company.git("commit", "--quiet", "--message", "Notes");
  overwrite(await looseFile(company, "main"), "");

  expect((await company.fettle("doctor", "--repair")).code).toBe(0);

  expect(await company.git("rev-parse", "main")).toBe(before);
  expect(await company.git("status", "--porcelain")).toBe("A  notes.txt");
});

test.each([
  ["the state", "refs/heads/fettle/state"],
  ["main", "refs/heads/main"],
  ["what was seen last", "refs/fettle/seen/fettle/state"],
])(
  "A ref file of %s that a crash of the machine has emptied is put aside, and the ref stands where it stood.",
  async (_, ref) => {
    const company = await copied(false);
    const before = await company.git("rev-parse", "main", STATE);
    writeFileSync(join(company.folder, ".git", ref), "");

    const told = await company.fettle("doctor");
    const repaired = await company.fettle("doctor", "--repair");

    expect(told.stdout).toContain(`${ref} holds no commit id`);
    expect([told.code, repaired.code]).toEqual([1, 0]);
    expect(await company.git("rev-parse", "main", STATE)).toBe(before);
    expect((await company.fettle("reconcile")).code).toBe(0);
  },
);

test("What a runner has left that died with the machine goes, also where a ref file was emptied with it.", async () => {
  const company = await copied(false);
  const inGit = (path: string): string => join(company.folder, ".git", path);
  const halfMinuteAgo = Date.now() / 1000 - 30;
  writeFileSync(inGit("refs/heads/fettle/state"), "");
  writeFileSync(inGit("packed-refs.lock"), "");
  utimesSync(inGit("packed-refs.lock"), halfMinuteAgo, halfMinuteAgo);
  writeFileSync(inGit("fettle/lock.json"), JSON.stringify({ pid: 1, since: Date.now() - 60_000 }));

  const repaired = await company.fettle("doctor", "--repair");

  expect(repaired.code).toBe(0);
  expect(existsSync(inGit("packed-refs.lock"))).toBe(false);
});

test("Doctor without --repair changes nothing", async () => {
  const company = await copied(false);
  overwrite(await newestPack(company), "");
  const files = (): readonly string[] =>
    readdirSync(join(company.folder, ".git"), { recursive: true, encoding: "utf8" });
  await company.fettle("doctor");
  const before = files();

  await company.fettle("doctor");

  expect(files()).toEqual(before);
});
