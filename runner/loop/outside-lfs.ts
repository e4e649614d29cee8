/** Files for paths that main keeps in Git LFS are refused: delivered as they are, git would take them for damaged pointers. */
import { attributeFolders, firstInLfs, type Attributes } from "#runner/core/lfs.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import type { Engine, View } from "./engine.ts";

export async function outsideLfs(
  { store: { reader } }: Pick<Engine, "store">,
  { workspace: { commit } }: Pick<View, "workspace">,
  result: Result,
): Promise<Result> {
  const paths = result.files.map(({ path }) => path);
  if (paths.length === 0) return result;
  const folders = [...new Set(paths.flatMap(attributeFolders))];
  const read = await Promise.all(
    folders.map(async (folder): Promise<readonly Attributes[]> => {
      const content = await reader.readBlob(`${commit}:${folder}.gitattributes`);
      return content === undefined ? [] : [{ folder, text: content.toString("utf8") }];
    }),
  );
  const path = firstInLfs(read.flat(), paths);
  if (path === undefined) return result;
  const reason = `${path} is kept in Git LFS, where nothing can be delivered: write it to a path that .gitattributes leaves alone`;
  return { ...result, outcome: "permission-denied", reason, outputs: null, files: [], memory: [] };
}
