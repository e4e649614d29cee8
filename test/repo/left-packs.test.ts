import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAIN } from "#runner/core/ref-names.ts";
import { fetchFromOrigin } from "#runner/repo/origin.ts";
import { repackAll } from "#runner/repo/repack.ts";
import {
  addOrigin,
  cloneOf,
  ENVIRONMENT,
  makeFolder,
  makeRepository,
  type TestRepository,
} from "../support/git-repo.ts";

/** So many that git keeps what it fetches as a pack. */
const BLOBS = Object.fromEntries(
  Array.from({ length: 120 }, (_, index) => [`${index}.bin`, randomBytes(1_000)]),
);

const ANOTHER = 4321;
/** Only root can give a file away. */
const others = process.getuid?.() === 0 ? ["tmp_pack_another"] : [];

/** Files find room for 32 KB, and gits of somebody else write packs at the same time: one in sight, one of another user. */
function shortOfRoom(operator: TestRepository): Readonly<Record<string, string>> {
  const folder = makeFolder();
  const theirs = join(packsOf(operator), "tmp_pack_theirs");
  const another = join(packsOf(operator), "tmp_pack_another");
  const script = [
    "#!/bin/sh",
    `[ -e "${another}" ] || { : > "${another}" && chown ${ANOTHER} "${another}"; } 2>/dev/null`,
    `[ -e "${theirs}" ] || { sleep 5 > "${theirs}" 2>/dev/null & }`,
    "ulimit -f 64",
    `PATH="${ENVIRONMENT["PATH"] ?? ""}" exec git "$@"`,
  ];
  writeFileSync(join(folder, "git"), `${script.join("\n")}\n`, { mode: 0o755 });
  return { ...ENVIRONMENT, PATH: `${folder}:${ENVIRONMENT["PATH"] ?? ""}` };
}

function packsOf({ path }: TestRepository): string {
  return join(path, ".git", "objects", "pack");
}

function begunIn(repository: TestRepository): readonly string[] {
  return readdirSync(packsOf(repository)).filter((name) => /^\.?tmp[-_]/.test(name));
}

test.runIf(existsSync("/proc/self/fd"))(
  "A repack and a fetch that find no room leave nothing behind that they have begun, and what others write stays.",
  async () => {
    const operator = makeRepository(BLOBS);
    const clone = cloneOf(addOrigin(makeRepository()));
    clone.git("remote", "set-url", "origin", operator.path);
    const [{ own }, repository] = [await operator.open(), await clone.open()];

    const repacked = repackAll({ ...own, environment: shortOfRoom(operator) });
    await expect(repacked).rejects.toThrow("git repack");
    const network = { ...repository.network, environment: shortOfRoom(clone) };
    const fetched = await fetchFromOrigin({ ...repository, network }, { refs: [MAIN] });

    expect(fetched.kind).toBe("unreachable");
    expect(begunIn(operator).toSorted()).toEqual([...others, "tmp_pack_theirs"]);
    expect(begunIn(clone).toSorted()).toEqual([...others, "tmp_pack_theirs"]);
  },
);
