/** `fettle memory lint`: what is wrong with memory as a whole. */
import { lintMemory } from "#runner/core/memory/memory-lint.ts";
import { renderMemoryFindings } from "#runner/report/memory-text.ts";
import { attemptsOf, seeingMemory } from "./seeing-memory.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function memoryLintVerb(context: VerbContext, asOf: string | null): Promise<Answer> {
  return seeingMemory(context, asOf, async ({ records, sight }) => {
    const findings = lintMemory(records, await attemptsOf(sight));
    const isWrong = findings.some(({ severity }) => severity === "error");
    return {
      exit: isWrong ? "invalid" : "ok",
      text: renderMemoryFindings(findings, context.look),
      json: { findings },
    };
  });
}
