import { expect, test } from "vitest";
import { attributeFolders, firstInLfs } from "#runner/core/lfs.ts";

function isLfs(path: string, ...files: readonly (readonly [string, string])[]): boolean {
  const attributes = files.map(([folder, text]) => ({ folder, text }));
  return firstInLfs(attributes, [path]) === path;
}

test.each([
  ["*.psd filter=lfs diff=lfs merge=lfs -text", "a/b/logo.psd", true],
  ["*.psd filter=lfs diff=lfs merge=lfs -text", "a/b/logo.png", false],
  ["*.psd filter=lfs\r\n", "logo.psd", true],
  ["/big/** filter=lfs", "big/a/b.bin", true],
  ["/big/** filter=lfs", "other/big/b.bin", false],
  ["data/*.csv filter=lfs", "data/a.csv", true],
  ["data/*.csv filter=lfs", "more/data/a.csv", false],
  ['"a b.bin" filter=lfs', "x/a b.bin", true],
  ["*.[pP]sd filter=lfs", "x.Psd", true],
  ["# *.psd filter=lfs", "logo.psd", false],
  ["*.psd text", "logo.psd", false],
  ["*.psd filter=other", "logo.psd", false],
  ["*.psd filter=lfs\nsmall.psd -filter", "small.psd", false],
  ["*.psd filter=lfs\nsmall.psd !filter", "small.psd", false],
  ["*.psd filter=lfs\nsmall.psd text", "small.psd", true],
])("with %j, %s is kept in LFS: %s", (text, path, expected) => {
  expect(isLfs(path, ["", text])).toBe(expected);
});

test("an inner folder has the last word, in its own folder only", () => {
  const files = [
    ["a/", "*.bin -filter"],
    ["", "*.bin filter=lfs"],
  ] as const;

  expect(isLfs("a/x.bin", ...files)).toBe(false);
  expect(isLfs("b/x.bin", ...files)).toBe(true);
});

test("the folders that speak of a path are those above it", () => {
  expect(attributeFolders("a/b/c.bin")).toEqual(["", "a/", "a/b/"]);
  expect(attributeFolders("c.bin")).toEqual([""]);
});
