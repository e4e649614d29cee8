/** What is recorded of an external effect. */
import { agentNames, projectNames } from "./earlier-names.ts";
import { effectBase } from "./effect.ts";
import type { AgentVersion } from "./model.ts";
import type { RunContext } from "./step-plan.ts";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";

type FoundReceipts =
  | { readonly base: string; readonly record: ReceiptRecord | null }
  | { readonly wants: readonly string[] };

/** What is recorded under this base. */
export function recordAt({ observed }: Pick<RunContext, "observed">, base: string): FoundReceipts {
  const record = observed.receipts.get(base);
  return record === undefined ? { wants: [base] } : { base, record };
}

/** The effect's record; after a rename of its project or agent, that of the earlier name until it has its own. */
export function receiptsOf(context: RunContext, agent: AgentVersion, name: string): FoundReceipts {
  const { project } = context.run.record;
  const agents = agentNames(context, project, agent);
  const bases = projectNames(context, project).flatMap((owner) =>
    agents.map((known) => effectBase(owner, known, name)),
  );
  const { receipts } = context.observed;
  const wants = bases.filter((base) => !receipts.has(base));
  if (wants.length > 0) return { wants };
  const records = bases.map((base) => receipts.get(base) ?? null);
  const record = records.find((candidate) => (candidate?.receipts.length ?? 0) > 0) ?? null;
  return { base: bases[0] ?? "", record };
}
