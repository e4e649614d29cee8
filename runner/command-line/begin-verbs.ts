/** To have a company: your own, or the example. */
import type { AddVerb } from "./command-line.ts";

export function addBeginVerbs(verb: AddVerb): void {
  verb({
    usage: "init <folder>",
    summary: "make a workspace; nothing that exists is changed",
    first: true,
    examples: [
      ["fettle init my-company", "in a new folder"],
      ["fettle init .", "in the repository you are in"],
      ["fettle init . --github", "with what it needs to run in GitHub Actions"],
    ],
    act: async (context, folder: string, { github }: { github?: boolean }) =>
      (await import("#runner/verbs/init.ts")).initVerb(context, folder, {
        github: github === true,
      }),
  }).option("--github", "write workflows, an action and the program to .github");

  verb({
    usage: "try [folder]",
    summary: "watch an example studio work, in a new folder",
    first: true,
    examples: [
      ["fettle try", "in a temporary folder; nothing is sent"],
      ["fettle try ../studio", "in a folder that you name"],
    ],
    act: async (context, folder: string | undefined) =>
      (await import("#runner/verbs/try.ts")).tryVerb(context, folder ?? null),
  });
}
