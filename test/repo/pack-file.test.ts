import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { objectOf, writePack, type PackedObject } from "#runner/repo/pack-file.ts";
import { makeRepository } from "../support/git-repo.ts";

test("small and large contents, and such as cannot be made smaller, are read back as they were", async () => {
  const operator = makeRepository();
  const noise = randomBytes(200_000);
  const contents = [0, 1, 100, 2047, 2048, 2049, 16_384, 200_000].flatMap((length) => [
    noise.subarray(0, length),
    Buffer.alloc(length, "fettle "),
  ]);
  const objects = contents.map((content) => objectOf("blob", content, "sha1"));

  await writePack(join(operator.path, ".git", "objects", "pack"), unique(objects), "sha1");

  expect(operator.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
  for (const { oid, content } of objects) {
    expect(operator.git("cat-file", "-s", oid)).toBe(String(content.length));
  }
});

/** A pack holds an object once. */
function unique(objects: readonly PackedObject[]): readonly PackedObject[] {
  return [...new Map(objects.map((object) => [object.oid, object])).values()];
}
