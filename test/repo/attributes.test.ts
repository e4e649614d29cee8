import { expect, test } from "vitest";
import { attributeFolders, firstInLfs } from "#runner/core/lfs.ts";
import { makeRepository } from "../support/git-repo.ts";

const PATTERNS = [
  ..."* ? a [ab] [!ab] [^a] [a-c] [a-] [-a] []a] [!]a] [[:alpha:]] [![:digit:]] [[:none:]] [a[:digit:]-z] [![:cntrl:]] [![:punct:]] [[:xdigit:][:space:]] [ab \\* \\a".split(
    " ",
  ),
  ...String.raw`a*c [\]a] [a\-c] a\[b [[] x/[ab] x/[!a] **/a x/** /a [a/b] x[/]a ?/a é ?? [é] "a" "\303\251"`.split(
    " ",
  ),
];
const PATHS = ["a", "b", "c", "-", "]", "[", "7", "*", "abc", "a[b", "é", "x/a", "x/b", "x/y/a"];

/** What git itself says of every path. */
function inLfs(git: (...args: readonly string[]) => string): readonly string[] {
  const lines = git("-c", "core.quotePath=false", "check-attr", "filter", "--", ...PATHS);
  return lines.split("\n").flatMap((line) => {
    const [path, verdict] = line.split(": filter: ");
    return verdict === "lfs" ? [path ?? ""] : [];
  });
}

test.each(PATTERNS)("%s names the paths that it names for git", (pattern) => {
  const repository = makeRepository();
  const text = `${pattern} filter=lfs\n`;
  repository.write({ ".gitattributes": text });

  const found = PATHS.filter((path) => firstInLfs([{ folder: "", text }], [path]) !== undefined);

  expect(found).toEqual(inLfs(repository.git));
});

test("an inner macro is none, and one of the top counts below", () => {
  const repository = makeRepository();
  const files = {
    ".gitattributes": "[attr]large filter=lfs -text\na large\n",
    "x/.gitattributes": "[attr]small -filter\nb large\na small\n",
  };
  repository.write(files);
  const attributes = attributeFolders("x/a").map((folder) => ({
    folder,
    text: folder === "" ? files[".gitattributes"] : files["x/.gitattributes"],
  }));

  const found = PATHS.filter((path) => firstInLfs(attributes, [path]) !== undefined);

  expect(found).toEqual(inLfs(repository.git));
});
