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
  ["*.bin filter=lfs\n[!a].bin -filter", "a.bin", true],
  ["*.bin filter=lfs\n[!a].bin -filter", "b.bin", false],
  ["[^ab].bin filter=lfs", "c.bin", true],
  ["[^ab].bin filter=lfs", "b.bin", false],
  ["[a-c].bin filter=lfs", "b.bin", true],
  ["[a-c].bin filter=lfs", "-.bin", false],
  ["[]a].bin filter=lfs", "].bin", true],
  ["[a\\]b].bin filter=lfs", "].bin", true],
  ["[a/b].bin filter=lfs", "b.bin", true],
  ["x[[:digit:]a].bin filter=lfs", "x7.bin", true],
  ["x[[:digit:]a].bin filter=lfs", "xb.bin", false],
  ["x[[:strange:]].bin filter=lfs", "x7.bin", false],
  ["[ab.bin filter=lfs", "[ab.bin", false],
  ["\\*.bin filter=lfs", "a.bin", false],
  ["\\*.bin filter=lfs", "*.bin", true],
  ["??.bin filter=lfs", "é.bin", true],
  ["?.bin filter=lfs", "é.bin", false],
  ['"a\\"\\303\\251.bin" filter=lfs', 'a"é.bin', true],
  ["[attr]large filter=lfs -text\n*.bin large", "a.bin", true],
  ["[attr]large filter=lfs\n*.bin large\na.bin -filter", "a.bin", false],
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

test("a macro is defined at the top only", () => {
  expect(isLfs("a/x.bin", ["a/", "[attr]large filter=lfs\n*.bin large"])).toBe(false);
  expect(isLfs("a/x.bin", ["", "[attr]large filter=lfs"], ["a/", "*.bin large"])).toBe(true);
});

test("the folders that speak of a path are those above it", () => {
  expect(attributeFolders("a/b/c.bin")).toEqual(["", "a/", "a/b/"]);
  expect(attributeFolders("c.bin")).toEqual([""]);
});
