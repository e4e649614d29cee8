import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { git } from "./git.ts";
import type { Repository } from "./repository.ts";

/** `detail`: what git says, in a line. */
export type OriginReading =
  | { readonly kind: "whole" }
  | { readonly kind: "broken"; readonly detail: string };

/** Whether all that the branches of the origin name can be had: it is fetched into a scratch repository, which git checks. */
export async function readWholeOrigin(
  { origin, network, fettleDir, objectFormat, partial }: Repository,
  signal: AbortSignal,
): Promise<OriginReading> {
  if (origin === null) return { kind: "broken", detail: "there is none" };
  const scratch = mkdtempSync(join(fettleDir, "origin-"));
  const place = { ...network, gitDir: scratch, signal };
  try {
    await git(place, ["init", "--bare", "--quiet", `--object-format=${objectFormat}`, scratch]);
    const filter = partial ? ["--filter=blob:none"] : [];
    const args = [
      "fetch",
      "--quiet",
      "--progress",
      "--no-tags",
      "--no-auto-maintenance",
      ...filter,
    ];
    const all = "+refs/heads/*:refs/heads/*";
    const fetched = await git(place, [...args, "--", origin.url, all]);
    if (fetched.code === 0) return { kind: "whole" };
    const words = fetched.stderr.split("\n").find((line) => /^(?:fatal|error): /u.test(line));
    return { kind: "broken", detail: words?.replace(/^\w+: /u, "") ?? "git does not say why" };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
