/** Whether what a rung gave may be recorded. */
import { isDone } from "#runner/core/outcome.ts";
import { scanSecrets } from "#runner/core/secret-scan.ts";
import { failed, type RungCall, type RungResult } from "./rung-result.ts";

/** Outputs must fit the agent's schema, and nothing that will be stored may hold a secret. */
export function judged(
  result: RungResult,
  { invocation, check }: Pick<RungCall, "invocation" | "check">,
): RungResult {
  const { log, started, model } = result;
  const facts = { log, started, ...(model && { model }) };
  const problem = isDone(result.outcome) ? check(result.outputs) : undefined;
  if (problem !== undefined) return failed("schema-invalid", `outputs: ${problem}`, facts);
  const leak = leakOf(result, invocation.secrets);
  return leak === undefined ? result : failed("permission-denied", leak, facts);
}

function leakOf(
  { outputs, receipt, files }: RungResult,
  secrets: Readonly<Record<string, string>>,
): string | undefined {
  const texts: (readonly [place: string, text: string])[] = [
    ["its outputs hold", JSON.stringify(outputs)],
    ["its receipt holds", JSON.stringify(receipt ?? null)],
    ...files.map(({ path }) => ["the name of a file holds", path] as const),
    ...files.flatMap(({ path, content }) =>
      textsOf(content).map((text) => [`${path} holds`, text] as const),
    ),
  ];
  for (const [place, text] of texts) {
    const finding = scanSecrets(text, secrets)[0];
    if (finding !== undefined) return `${place} a secret (${finding.rule})`;
  }
  return undefined;
}

/** As UTF-8; as UTF-16 of either order too where it may be that. */
function textsOf(content: Uint8Array): readonly string[] {
  const bytes = Buffer.from(content);
  if (!bytes.includes(0)) return [bytes.toString()];
  const shifted = Buffer.concat([bytes.subarray(1), Buffer.alloc(1)]);
  return [bytes.toString(), bytes.toString("utf16le"), shifted.toString("utf16le")];
}
