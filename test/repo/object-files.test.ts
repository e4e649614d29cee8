import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { CatFile } from "#runner/repo/cat-file.ts";
import type { GitPlace } from "#runner/repo/git.ts";
import { ObjectFiles } from "#runner/repo/object-files.ts";
import { ObjectNames } from "#runner/repo/object-names.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { objectOf } from "#runner/repo/pack-file.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { makeFolder, repositoryAt, runGit } from "../support/git-repo.ts";

/** Histories by object format, made once and copied for each test. */
const histories = new Map<string, string>();

afterAll(() => {
  for (const path of histories.values()) rmSync(path, { recursive: true });
});

function history(format = "sha1"): TestRepository {
  const original = histories.get(format) ?? makeHistory(format);
  histories.set(format, original);
  const path = join(makeFolder(), "copy");
  cpSync(original, path, { recursive: true });
  return repositoryAt(path);
}

/** A history whose blobs and trees are much alike, with odd names, an empty file and one that cannot be made smaller. */
function makeHistory(format: string): string {
  const path = mkdtempSync(join(tmpdir(), "fettle-history-"));
  runGit(path, ["init", "--quiet", "--initial-branch=main", `--object-format=${format}`]);
  const operator = repositoryAt(path);
  operator.git("config", "core.fsync", "none");
  const noise = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * at * 2654435761) >> 9));
  writeFileSync(Buffer.from([...Buffer.from(`${path}/odd`), 0xff]), "not text");
  for (let turn = 0; turn < 4; turn += 1) {
    const lines = Array.from({ length: 900 }, (_, at) => `line ${at % 7 === turn ? "new" : at}`);
    const folders = Array.from({ length: 40 }, (_, at) => [`many/f${at}/a.txt`, `${at} ${turn}`]);
    operator.commit({
      "deep/er/größe ü.txt": lines.join("\n"),
      "deep/large.bin": Buffer.concat([Buffer.from([turn]), noise]),
      empty: "",
      ...Object.fromEntries(folders.slice(0, 30 + turn)),
    });
  }
  return path;
}

function packed(operator: TestRepository, ...args: readonly string[]): TestRepository {
  operator.git("repack", "-adfq", ...args);
  return operator;
}

/** Packs as they were before bases were named by their distance. */
function packedByName(operator: TestRepository): TestRepository {
  operator.git("config", "repack.useDeltaBaseOffset", "false");
  return packed(operator);
}

function idsOf(operator: TestRepository): readonly string[] {
  return operator.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split("\n");
}

async function placeOf(operator: TestRepository): Promise<GitPlace> {
  return (await operator.open()).own;
}

async function filesOf(operator: TestRepository): Promise<ObjectFiles> {
  const files = new ObjectFiles((await placeOf(operator)).gitDir);
  onTestFinished(() => files.close());
  return files;
}

async function gitOf(operator: TestRepository): Promise<CatFile> {
  const git = new CatFile(await placeOf(operator));
  onTestFinished(() => git.close());
  return git;
}

function packFile(operator: TestRepository, ending: string): string {
  const folder = join(operator.path, ".git/objects/pack");
  const name = readdirSync(folder).find((file) => file.endsWith(ending));
  const path = join(folder, name ?? "");
  chmodSync(path, 0o644);
  return path;
}

function looseFile(operator: TestRepository, oid: string): string {
  const path = join(operator.path, ".git/objects", oid.slice(0, 2), oid.slice(2));
  chmodSync(path, 0o644);
  return path;
}

describe.each([
  ["loose objects", () => history()],
  ["packs with bases by distance", () => packed(history())],
  ["packs with bases by name", () => packedByName(history())],
  ["loose objects of SHA-256", () => history("sha256")],
  ["packs of SHA-256", () => packed(history("sha256"))],
  ["packs of SHA-256 with bases by name", () => packedByName(history("sha256"))],
])("%s", (_, make) => {
  test("every object is read as git reads it", async () => {
    const operator = make();
    const [files, git] = [await filesOf(operator), await gitOf(operator)];

    const ids = idsOf(operator);

    expect(ids.length).toBeGreaterThan(120);
    for (const oid of ids) expect(files.read(oid)).toEqual(await git.contents(oid));
  });

  test("every path of every commit is what git finds there", async () => {
    const operator = make();
    const names = new ObjectNames((await placeOf(operator)).gitDir);
    onTestFinished(() => names.close());
    const git = await gitOf(operator);

    for (const commit of operator.git("rev-list", "--all").split("\n")) {
      const paths = operator.git("ls-tree", "-rtz", "--name-only", commit).split("\0");
      const known = paths.filter((path) => path !== "" && !path.includes("\ufffd"));
      for (const path of [...known, "nothing", "empty/below", "deep/nothing"]) {
        const found = names.find(`${commit}:${path}`);
        const object = found.kind === "found" ? found.object : undefined;
        expect(found.kind).not.toBe("unsure");
        expect(object).toEqual(await git.contents(`${commit}:${path}`));
      }
    }
  });
});

test("what a name stands for is what git takes it for", async () => {
  const operator = history();
  const [commit, blob] = operator.git("rev-parse", "HEAD", "HEAD:empty").split("\n");
  const tree = operator.git("rev-parse", "HEAD^{tree}");
  operator.git("tag", "-am", "A tag", "v1");
  operator.git("symbolic-ref", "refs/heads/other", "refs/heads/main");
  operator.git("pack-refs", "--all");
  const tag = operator.git("rev-parse", "v1");
  const reader = new ObjectReader(await placeOf(operator));
  onTestFinished(() => reader.close());
  const git = await gitOf(operator);
  const starts = [commit, tree, blob, tag, "main", "v1", "refs/heads/main", "refs/heads/other"];
  const ends = ["", "^{tree}", "^{commit}", ":", ":deep", ":deep/", ":deep//er", "~1"];

  const names = starts.flatMap((start) => ends.map((end) => `${start}${end}`));

  for (const name of names) {
    const there = await git.contents(name);
    const expected = there && { oid: there.oid, kind: there.kind };
    expect({ name, info: await reader.resolve(name) }).toEqual({ name, info: expected });
  }
});

test("objects and paths that begin with an id or a full ref are read without git", async () => {
  const operator = packed(history());
  operator.commit({ "loose.txt": "loose" });
  const commit = operator.git("rev-parse", "HEAD");
  const reader = new ObjectReader({ ...(await placeOf(operator)), environment: { PATH: "/none" } });
  onTestFinished(() => reader.close());

  const [blob, ref, tree, read, absent] = [
    await reader.readBlob(`${commit}:loose.txt`),
    await reader.readBlob("refs/heads/main:empty"),
    await reader.readTree(`${commit}:deep`),
    await reader.readCommit(commit),
    await reader.resolve(`${commit}:absent.txt`),
  ];

  expect([String(blob), String(ref)]).toEqual(["loose", ""]);
  expect(tree?.map(({ name }) => name)).toEqual(["er", "large.bin"]);
  expect(read).toMatchObject({ oid: commit, message: "edit\n" });
  expect(absent).toBeUndefined();
});

test("trees and commits that were just written need no file, and blobs are not kept", async () => {
  const operator = history();
  const tree = objectOf("tree", Buffer.alloc(0), "sha1");
  const blob = objectOf("blob", Buffer.from("not in the repository"), "sha1");
  const reader = new ObjectReader(await placeOf(operator));
  onTestFinished(() => reader.close());

  reader.keep([tree, blob]);

  expect(await reader.readTree(tree.oid)).toEqual([]);
  expect(await reader.readBlob(blob.oid)).toBeUndefined();
});

test("a small file is read from the disk once, a large one each time", () => {
  const operator = history();
  operator.write({ "small.txt": "small", "large.txt": "large ".repeat(20_000) });
  const small = operator.git("hash-object", "-w", "small.txt");
  const large = operator.git("hash-object", "-w", "large.txt");
  const files = new ObjectFiles(join(operator.path, ".git"));
  onTestFinished(() => files.close());
  const first = [files.read(small)?.size, files.read(large)?.size];
  for (const oid of [small, large]) {
    rmSync(join(operator.path, ".git", "objects", oid.slice(0, 2), oid.slice(2)));
  }

  expect(first).toEqual([5, 120_000]);
  expect(String(files.read(small)?.content)).toBe("small");
  expect(files.read(large)).toBeUndefined();
});

test("a pack that is deleted between two reads is looked for again", async () => {
  const operator = packed(history());
  const blob = operator.git("rev-parse", "HEAD:deep/large.bin");
  const files = await filesOf(operator);
  expect(files.read("1".repeat(40))).toBeUndefined();

  operator.commit({ "more.txt": "more" });
  packed(operator);

  expect(files.read(blob)?.size).toBe(70_001);
  expect(String(files.read(operator.git("rev-parse", "HEAD:more.txt"))?.content)).toBe("more");
});

test("an open pack is read on after it was deleted", async () => {
  const operator = packed(history());
  const [first, second] = operator
    .git("rev-parse", "HEAD:empty", "HEAD:deep/large.bin")
    .split("\n");
  const files = await filesOf(operator);
  files.read(first ?? "");

  rmSync(packFile(operator, ".pack"));

  expect(files.read(second ?? "")?.size).toBe(70_001);
});

test("an object that another one replaces is left to git", async () => {
  const operator = history();
  const [old = "", fresh = ""] = operator.git("rev-parse", "HEAD:empty", "HEAD:deep").split("\n");
  const other = operator.git("rev-parse", "HEAD:many/f1/a.txt");
  operator.git("replace", old, other);
  const reader = new ObjectReader(await placeOf(operator));
  onTestFinished(() => reader.close());

  expect(String(await reader.readBlob(old))).toBe("1 3");
  expect(await reader.readTree(fresh)).toHaveLength(2);
});

test("a copy that is sound serves for one that is damaged", async () => {
  const operator = history();
  const oid = operator.git("rev-parse", "HEAD:deep/large.bin");
  operator.git("repack", "-aq");
  writeFileSync(looseFile(operator, oid), "damaged");
  const files = await filesOf(operator);

  expect(files.read(oid)?.size).toBe(70_001);
});

test("loose objects that say another id, kind or size are not given", async () => {
  const operator = history();
  const [oid = "", other = ""] = operator
    .git("rev-parse", "HEAD:many/f1/a.txt", "HEAD:many/f2/a.txt")
    .split("\n");
  writeFileSync(looseFile(operator, oid), readFileSync(looseFile(operator, other)));
  const files = await filesOf(operator);

  expect(files.read(oid)).toBeUndefined();
  expect(String(files.read(other)?.content)).toBe("2 3");
});

test("a pack that was cut off gives what is whole and nothing else", async () => {
  const operator = packed(history());
  const ids = idsOf(operator);
  const sound = await filesOf(operator);
  const before = new Map(ids.map((oid) => [oid, sound.read(oid)]));
  truncateSync(packFile(operator, ".pack"), 60_000);

  const files = await filesOf(operator);
  const after = ids.map((oid) => [oid, files.read(oid)] as const);

  expect(after.some(([, object]) => object === undefined)).toBe(true);
  for (const [oid, object] of after) expect([undefined, before.get(oid)]).toContainEqual(object);
});

test.each([".pack", ".idx"])(
  "a changed byte anywhere in a %s never changes an object",
  async (ending) => {
    const operator = packed(history());
    const path = packFile(operator, ending);
    const whole = readFileSync(path);
    const ids = idsOf(operator).filter((_, at) => at % 9 === 0);
    const { gitDir } = await placeOf(operator);
    const sound = new ObjectFiles(gitDir);
    const before = ids.map((oid) => sound.read(oid));

    const change = fc.record({
      at: fc.nat(whole.length - 1),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ at, by }) => {
        const changed = Buffer.from(whole);
        changed.writeUInt8(changed.readUInt8(at) ^ by, at);
        writeFileSync(path, changed);
        const files = new ObjectFiles(gitDir);
        const read = ids.map((oid) => files.read(oid));
        files.close();
        expect(read.every((object, index) => !object || isSame(object, before[index]))).toBe(true);
      }),
      { numRuns: 60 },
    );
  },
);

type Read = ReturnType<ObjectFiles["read"]>;

function isSame(object: NonNullable<Read>, before: Read): boolean {
  return before !== undefined && before.oid === object.oid && before.content.equals(object.content);
}
