/** `fettle attest`: statements of where the results of a run come from. */
import { attest } from "#runner/core/attestation.ts";
import { findRun } from "./find-run.ts";
import { looking } from "./looking.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function attestVerb(context: VerbContext, id: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const [runPart = "", step] = id.split("/");
    const found = await findRun(runPart, seen);
    if (!found.ok) return found.refusal;
    const attempts = found.run.attempts.filter(
      (attempt) => attempt.state === "finished" && (step === undefined || attempt.step === step),
    );
    if (attempts.length === 0) {
      const { id: run } = found.run.record;
      const what = step === undefined ? "no finished step yet" : `no finished step ${step}`;
      return refused("usage", `run ${run} has ${what}`, `fettle timeline ${run}   shows its steps`);
    }
    const statements = attempts.map((attempt) => attest(found.run, attempt));
    const text = statements.map((statement) => `${JSON.stringify(statement)}\n`).join("");
    return { exit: "ok", text, json: statements };
  });
}
