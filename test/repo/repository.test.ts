import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { openRepository } from "#runner/repo/repository.ts";
import {
  ENVIRONMENT,
  addOrigin,
  cloneOf,
  makeFolder,
  makeRepository,
  openAt,
  runGit,
} from "../support/git-repo.ts";

const REAL_GIT = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();

test("a repository is opened from any folder inside it", async () => {
  const operator = makeRepository({ "projects/web/project.yaml": "summary: x\n" });

  const repository = await openAt(join(operator.path, "projects", "web"));

  expect(repository).toMatchObject({
    commonDir: join(operator.path, ".git"),
    mainWorkTree: operator.path,
    topLevel: operator.path,
    head: { kind: "branch", ref: "refs/heads/main" },
    shallow: false,
    origin: null,
  });
});

test("a folder outside of any repository is a reasoned failure", async () => {
  const start = makeFolder();

  const opened = await openRepository({ start, environment: ENVIRONMENT });

  expect(opened).toEqual({ kind: "not-a-repository", start });
});

test("a repository without commits is a reasoned failure", async () => {
  const start = makeFolder();
  runGit(start, ["init", "--quiet"]);

  const opened = await openRepository({ start, environment: ENVIRONMENT });

  expect(opened.kind).toBe("no-commits");
});

test("a bare repository is refused unless it is asked for", async () => {
  const bare = addOrigin(makeRepository());

  const opened = await openRepository({ start: bare.path, environment: ENVIRONMENT });

  expect(opened.kind).toBe("bare");
  expect((await bare.open()).mainWorkTree).toBeUndefined();
});

test("a repository with reftable storage is refused", async () => {
  const operator = makeRepository();
  const config = join(operator.path, ".git", "config");
  writeFileSync(config, "[extensions]\n\trefStorage = reftable\n");

  const opened = await openRepository({ start: operator.path, environment: ENVIRONMENT });

  expect(opened.kind).toBe("reftable");
});

test("without git, or with an old or odd one, the reason says so, until there is another one", async () => {
  const operator = makeRepository();
  const path = makeFolder();
  const open = () => openRepository({ start: operator.path, environment: { PATH: path } });

  const without = await open();
  writeFileSync(join(path, "git"), "#!/bin/sh\necho git version 2.30.1\n");
  chmodSync(join(path, "git"), 0o755);
  const old = await open();
  writeFileSync(
    join(path, "git"),
    "#!/bin/sh\necho managed by northwind\necho git version 2.45.1\n",
  );
  const odd = await open();
  writeFileSync(join(path, "git"), `#!/bin/sh\nexec '${REAL_GIT}' "$@"\n`);
  const upgraded = await open();

  expect(without).toEqual({ kind: "no-git" });
  expect(old).toEqual({ kind: "old-git", found: "2.30.1", needed: "2.38" });
  expect(odd).toEqual({ kind: "odd-git", says: "managed by northwind" });
  expect(upgraded.kind).toBe("opened");
});

test("an unchanged repository is opened again without starting git, a changed configuration is read", async () => {
  const operator = makeRepository();
  await operator.open();
  const withoutGit = { start: operator.path, environment: { PATH: "/nonexistent" } };

  const again = await openRepository(withoutGit);
  operator.git("remote", "add", "origin", "https://git.example/studio.git");
  const changed = await openRepository(withoutGit);

  expect(again.kind).toBe("opened");
  expect(changed).toEqual({ kind: "no-git" });
  expect((await operator.open()).origin?.url).toBe("https://git.example/studio.git");
});

function at(name: string): string {
  return `https://git.example/${name}.git`;
}

test.each([
  ["a second one is a copy", ["--add"], ["copy"]],
  ["of two to push to the one that is read counts", ["--add", "--push"], ["copy", "origin"]],
] as const)("of several addresses git fetches from the first: %s", async (_, way, names) => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", at("origin"));
  for (const name of names) operator.git("remote", "set-url", ...way, "origin", at(name));

  const { origin } = await operator.open();

  expect(origin).toEqual({ url: at("origin"), pushUrl: at("origin") });
});

test("a copied repository has its own origin, not that of the repository it was copied from", async () => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", "https://git.example/studio.git");
  await operator.open();
  const copy = join(makeFolder(), "copy");
  cpSync(operator.path, copy, { recursive: true });
  runGit(copy, ["remote", "set-url", "origin", "https://git.example/copy.git"]);

  const opened = await openAt(copy);

  expect(opened.origin?.url).toBe("https://git.example/copy.git");
});

test("a separate push URL and a partial clone are seen", async () => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", "https://git.example/studio.git");
  operator.git("remote", "set-url", "--push", "origin", "ssh://git.example/studio.git");
  operator.git("config", "remote.origin.promisor", "true");

  const { origin, partial } = await operator.open();

  expect(origin).toEqual({
    url: "https://git.example/studio.git",
    pushUrl: "ssh://git.example/studio.git",
  });
  expect(partial).toBe(true);
});

test.each(["file", "link"])(
  "the work tree of a git dir to which a %s leads is the one it is opened in",
  async (way) => {
    const operator = makeRepository();
    const gitDir = join(makeFolder(), "elsewhere");
    renameSync(join(operator.path, ".git"), gitDir);
    if (way === "file") writeFileSync(join(operator.path, ".git"), `gitdir: ${gitDir}\n`);
    else symlinkSync(gitDir, join(operator.path, ".git"));

    const repository = await openAt(operator.path);

    expect(repository).toMatchObject({ commonDir: gitDir, mainWorkTree: operator.path });
    expect(listCheckouts(repository)).toMatchObject([{ gitDir, workTree: operator.path }]);
  },
);

test("a linked work tree, a detached head and a shallow clone are seen", async () => {
  const operator = makeRepository();
  operator.commit({ "a.txt": "1" });
  const linked = join(makeFolder(), "linked");
  operator.git("worktree", "add", "--quiet", linked, "-b", "side");
  operator.git("checkout", "--quiet", "--detach");

  const repository = await openAt(linked);
  const shallow = await cloneOf(operator, "--depth=1", "--branch=main").open();

  expect(repository.commonDir).toBe(join(operator.path, ".git"));
  expect(repository.head).toEqual({ kind: "branch", ref: "refs/heads/side" });
  expect(listCheckouts(repository).map(({ workTree, head }) => [workTree, head.kind])).toEqual([
    [operator.path, "detached"],
    [linked, "branch"],
  ]);
  expect(shallow.shallow).toBe(true);
});

test("a linked work tree whose repository cannot be told now is not taken for one of its own", async () => {
  const operator = makeRepository();
  const linked = join(makeFolder(), "linked");
  operator.git("worktree", "add", "--quiet", linked, "-b", "other");
  const commondir = join(operator.path, ".git", "worktrees", "linked", "commondir");
  rmSync(commondir);
  mkdirSync(commondir);

  await expect(openAt(linked)).rejects.toMatchObject({ code: "EISDIR" });
});

test("the runner's git dir shares objects and refs only, and is repaired when somebody changed it", async () => {
  const operator = makeRepository();
  const { gitDir } = (await operator.open()).own;
  writeFileSync(join(gitDir, "config"), "[core]\n\tbare = false\n\thooksPath = /tmp\n");

  await operator.open();

  expect(readlinkSync(join(gitDir, "objects"))).toBe("../../objects");
  expect(readFileSync(join(gitDir, "config"), "utf8")).not.toContain("hooksPath");
  expect(existsSync(join(gitDir, "index"))).toBe(false);
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("a repository of SHA-256 objects is opened", async () => {
  const path = makeFolder();
  runGit(path, ["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
  runGit(path, ["commit", "--quiet", "--allow-empty", "--message=start"]);

  const repository = await openAt(path);

  expect(repository.objectFormat).toBe("sha256");
  expect(runGit(repository.own.gitDir, ["rev-parse", "main"])).toHaveLength(64);
});
