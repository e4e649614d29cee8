import { spawnSync } from "node:child_process";
import { ENVIRONMENT } from "./git-repo.ts";

/** Names of Node's own modules that a start of it with these arguments loads, its inner ones left out. */
export function builtinsOf(...args: readonly string[]): readonly string[] {
  const telling =
    'process.on("exit", () => process.getBuiltinModule("node:fs").writeSync(2, process.moduleLoadList.join("\\n")))';
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(telling)}`, ...args],
    { env: { ...ENVIRONMENT, FETTLE_DIST: "1" }, encoding: "utf8" },
  );
  const names = stderr
    .split("\n")
    .flatMap((line) => /^NativeModule ([a-z0-9_/]+)$/.exec(line)?.[1] ?? []);
  return names.filter((name) => !name.startsWith("internal/"));
}
