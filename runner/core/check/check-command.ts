/** The program of a command, where it is a file of the repository. */
import { type Found, nameHint, pointer } from "./check-finding.ts";

const OF_REPOSITORY = /^(?:\.\/)?(agents\/[^/]+\/.+)$/;

/** Warns of the first argument that names a file of an agent which is not there: a later one may be what the program writes. */
export function checkCommand(
  path: readonly (string | number)[],
  command: readonly string[],
  paths: ReadonlySet<string>,
): readonly Found[] {
  const at = command.findIndex((word) => OF_REPOSITORY.test(word));
  const [, file = ""] = OF_REPOSITORY.exec(command[at] ?? "") ?? [];
  if (file === "" || isThere(file, paths)) return [];
  const folder = file.slice(0, file.indexOf("/", "agents/".length) + 1);
  const beside = [...paths].filter((one) => one.startsWith(folder) && !one.endsWith("/agent.yaml"));
  return [
    {
      code: "ref/program",
      severity: "warning",
      pointer: pointer(...path, at),
      message: `there is no file ${file}, so the program cannot start`,
      hint: nameHint(file, beside),
    },
  ];
}

/** Folders count too: `node --test agents/checker/tests`. */
function isThere(file: string, paths: ReadonlySet<string>): boolean {
  if (paths.has(file)) return true;
  const folder = file.endsWith("/") ? file : `${file}/`;
  return [...paths].some((path) => path.startsWith(folder));
}
