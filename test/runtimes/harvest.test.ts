import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Harvest, harvest } from "#runner/runtimes/harvest.ts";
import type { RepositoryFile } from "#runner/runtimes/invocation.ts";
import { file, temporaryFolder } from "./invocation-builder.ts";

interface Case {
  readonly seen?: readonly RepositoryFile[];
  readonly writes?: readonly string[];
  readonly mostFiles?: number;
  /** What the agent does, in its folder. */
  readonly act: (work: string) => void;
}

function harvested({ seen = [], writes = ["out/**", "**"], mostFiles = 50, act }: Case): Harvest {
  const work = temporaryFolder();
  for (const { path, content } of seen) put(work, path, content);
  act(work);
  return harvest(work, { seen, writes, mostFiles });
}

function put(work: string, path: string, content: string | Uint8Array = "x"): void {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), content);
}

function reason(result: Harvest): string {
  return result.ok ? `took ${result.files.map(({ path }) => path).join(" ")}` : result.reason;
}

test.each<[string, (work: string) => void]>([
  ["link is a symbolic link", (work) => symlinkSync("/etc/hostname", join(work, "link"))],
  ["link is a symbolic link", (work) => symlinkSync("/etc", join(work, "link"))],
  ["pipe is a pipe", (work) => execFileSync("/usr/bin/mkfifo", [join(work, "pipe")])],
  ["hard is a hard link", (work) => linkSync("/etc/hostname", join(work, "hard"))],
  [
    "run.sh is executable",
    (work) => {
      put(work, "run.sh");
      chmodSync(join(work, "run.sh"), 0o755);
    },
  ],
  [".github/x is closed to agents (.git*)", (work) => put(work, ".github/x")],
  ["a/.GitHub/x is closed to agents (.git*)", (work) => put(work, "a/.GitHub/x")],
  [
    ".git/hooks/pre-commit is closed to agents (.git*)",
    (work) => put(work, ".git/hooks/pre-commit"),
  ],
  ["agents/a.yaml is closed to agents (agents/**)", (work) => put(work, "agents/a.yaml")],
  ["fettle.yaml is closed to agents (fettle.yaml)", (work) => put(work, "fettle.yaml")],
  ["p/PROJECT.yaml is closed to agents (**/project.yaml)", (work) => put(work, "p/PROJECT.yaml")],
  [
    "p/pipelines/x.yaml is closed to agents (**/pipelines/**)",
    (work) => put(work, "p/pipelines/x.yaml"),
  ],
  [
    "memory/org/fact/x.md is closed to agents (memory/**)",
    (work) => put(work, "memory/org/fact/x.md"),
  ],
  [
    "p/package-lock.json is closed to agents (package*.json)",
    (work) => put(work, "p/package-lock.json"),
  ],
  ["docs/CODEOWNERS is closed to agents (codeowners)", (work) => put(work, "docs/CODEOWNERS")],
  [
    "a\\u{1b}[2J has control or invisible characters in its name",
    (work) => put(work, "a\u001B[2J"),
  ],
  [
    "a\\u{202e}gpj.exe has control or invisible characters in its name",
    (work) => put(work, "a\u202Egpj.exe"),
  ],
  [
    ".git\\u{200c}/x has control or invisible characters in its name",
    (work) => put(work, ".git\u200C/x"),
  ],
  ["git~1/x has a name that other systems read as another file", (work) => put(work, "git~1/x")],
  [".git./x has a name that other systems read as another file", (work) => put(work, ".git./x")],
  ["a\\b has a name that other systems read as another file", (work) => put(work, "a\\b")],
  ["u\u0308.txt is not in Unicode normal form NFC", (work) => put(work, "u\u0308.txt")],
  [
    "\uFFFD.txt has control or invisible characters in its name",
    (work) =>
      writeFileSync(
        Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xff]), Buffer.from(".txt")]),
        "",
      ),
  ],
  ["big is larger than 5 MiB", (work) => put(work, "big", Buffer.alloc(5 * 1024 * 1024 + 1))],
])("%s: refused", (expected, act) => {
  expect(reason(harvested({ act }))).toBe(expected);
});

test("a path that the agent may not write is refused with its name", () => {
  const result = harvested({ writes: ["out/*.md"], act: (work) => put(work, "out/deep/x.md") });

  expect(reason(result)).toBe("out/deep/x.md is not among the files that the agent may write");
});

test("a thousand files are refused", () => {
  const result = harvested({
    act: (work) => {
      for (let at = 0; at < 1000; at++) put(work, `out/${at}.txt`);
    },
  });

  expect(reason(result)).toBe("it made more than 50 files");
});

test("many files of the allowed size are refused together", () => {
  const result = harvested({
    act: (work) => {
      for (let at = 0; at < 5; at++) put(work, `${at}.bin`, Buffer.alloc(4.5 * 1024 * 1024));
    },
  });

  expect(reason(result)).toBe("it made more than 20 MiB of files");
});

test("a file that was laid out and blown up is refused unread", () => {
  const seen = [file("data.csv", "a\n")];

  const result = harvested({ seen, act: (work) => truncateSync(join(work, "data.csv"), 2 ** 40) });

  expect(reason(result)).toBe("data.csv is larger than 5 MiB");
});

test("a new file that differs from another only in letter case is refused", () => {
  const seen = [file("Readme.md", "a")];

  const result = harvested({ seen, act: (work) => put(work, "README.md") });

  expect(reason(result)).toBe("README.md is another spelling of Readme.md");
});

test("a file that was laid out and replaced by a link is refused", () => {
  const seen = [file("out/a.txt", "a")];

  const result = harvested({
    seen,
    act: (work) => {
      rmSync(join(work, "out/a.txt"));
      symlinkSync("/etc/hostname", join(work, "out/a.txt"));
    },
  });

  expect(reason(result)).toBe("out/a.txt is a symbolic link");
});

test("names with letters of any language are fine", () => {
  const result = harvested({
    act: (work) => {
      put(work, "out/Grüße 明朝.md");
      put(work, "out/a.b-c_d (1).md");
    },
  });

  expect(reason(result)).toBe("took out/Grüße 明朝.md out/a.b-c_d (1).md");
});

test("files come in the order of their paths, whatever the folder gives", () => {
  const result = harvested({
    act: (work) => {
      for (const name of ["b/2", "a", "b/1", "c"]) put(work, name);
    },
  });

  expect(reason(result)).toBe("took a b/1 b/2 c");
});
