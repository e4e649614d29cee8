/** What is wrong with the files, and with what surrounds them. */
import { Option } from "commander";
import type { AddVerb } from "./command-line.ts";

/** Under `fettle agents`. */
export function addAgentVerbs(verb: AddVerb): void {
  verb({
    usage: "test [agents...]",
    summary: "try agents on the cases of their contracts; asks no model and calls nothing",
    examples: [
      ["fettle agents test", "all agents, with the files on disk"],
      ["fettle agents test bookkeeper", "one of them, before its change is committed"],
    ],
    act: async (context, agents: string[]) =>
      (await import("#runner/verbs/agents-test.ts")).agentsTestVerb(context, agents),
  });
}

interface DoctorOptions {
  readonly repair?: boolean;
  readonly fix?: boolean;
  readonly now?: string;
}

export function addCheckVerbs(verb: AddVerb): void {
  verb({
    usage: "doctor",
    summary: "check that everything is in order; say what to do",
    first: true,
    examples: [
      ["fettle doctor", "git, node, the files, who you are, what agents may do; changes nothing"],
      ["fettle doctor --repair", "and put right what can be put right without losing anything"],
      [
        'fettle doctor --repair --now "2026-11-26 09:15"',
        "also take back what was recorded in the future; your watch says that this clock is right",
      ],
    ],
    act: async (context, { repair, fix, now }: DoctorOptions) =>
      (await import("#runner/verbs/doctor.ts")).doctorVerb(context, {
        repair: repair === true || fix === true,
        now: now ?? null,
      }),
  })
    .option("--repair", "put right what can be put right without losing anything")
    .addOption(new Option("--fix", "the same").hideHelp())
    .option(
      "--now <time>",
      "what time it is by your watch, so that a wrong clock takes nothing back",
    );

  verb({
    usage: "validate [files...]",
    summary: "show what is wrong with the files on disk",
    examples: [
      ["fettle validate", "every file"],
      ["fettle validate projects/letters/project.yaml", "one file"],
      ["fettle validate --format github", "as annotations in GitHub Actions"],
    ],
    act: async (context, files: string[], { format }: { format: "text" | "json" | "github" }) =>
      (await import("#runner/verbs/validate.ts")).validateVerb(context, { files, format }),
  }).addOption(
    new Option("--format <format>", "how findings are printed")
      .choices(["text", "json", "github"])
      .default("text"),
  );
}
