import type { Signature } from "./commit-target.ts";
import { git, gitFailure, gitText } from "./git.ts";
import { isAncestor } from "./history.ts";
import type { Repository } from "./repository.ts";

/** `conflict`: both sides changed these paths; nothing was written. */
export type Merged =
  | { readonly kind: "merged"; readonly commit: string }
  | { readonly kind: "already-merged" }
  | { readonly kind: "conflict"; readonly paths: readonly string[] };

/**
 * Makes the merge commit of a gate branch into main, in the operator's name; moves no ref.
 *
 * Always a merge commit, even where main could just follow: its second parent is what was approved.
 */
export async function mergeGate(merge: {
  readonly repository: Repository;
  readonly main: string;
  readonly gate: string;
  readonly message: string;
  readonly operator: Signature;
}): Promise<Merged> {
  const { repository, main, gate } = merge;
  if ((await isAncestor(repository, gate, main)) === "yes") return { kind: "already-merged" };
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", main, gate];
  const result = await git(repository.own, args);
  const [tree = "", ...paths] = result.stdout.toString("utf8").split("\0").filter(Boolean);
  if (result.code === 1) return { kind: "conflict", paths: [...new Set(paths)] };
  if (result.code !== 0) throw gitFailure(args, result);
  const commit = await writeCommit(repository, mergeCommit(merge, tree));
  return { kind: "merged", commit };
}

/** Paths that the gate changed since it left main. */
export async function changedByMerge(
  repository: Repository,
  { main, gate }: { readonly main: string; readonly gate: string },
): Promise<readonly string[]> {
  const args = ["diff", "-z", "--name-only", "--no-renames", "--end-of-options"];
  const text = await gitText(repository.own, [...args, `${main}...${gate}`, "--"]);
  return text.split("\0").filter(Boolean);
}

function mergeCommit(merge: Parameters<typeof mergeGate>[0], tree: string): string {
  const { main, gate, message, operator } = merge;
  const who = `${operator.name} <${operator.email}> ${operator.at} +0000`;
  if (/[<>\n]/.test(operator.name + operator.email)) {
    throw new Error(`"${operator.name} <${operator.email}>" cannot stand in a commit`);
  }
  const parents = `parent ${main}\nparent ${gate}\n`;
  return `tree ${tree}\n${parents}author ${who}\ncommitter ${who}\n\n${message.trimEnd()}\n`;
}

async function writeCommit(repository: Repository, text: string): Promise<string> {
  const args = ["hash-object", "-t", "commit", "-w", "--stdin"];
  return (await gitText({ ...repository.own, stdin: text }, args)).trim();
}
