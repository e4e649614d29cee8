/** `fettle explain policy`: which rules hold for the gates of late, and what other thresholds would have done. */
import { policyReport, type OtherThresholds } from "#runner/core/gate/policy-report.ts";
import type { Workspace } from "#runner/core/model.ts";
import { thresholdsOf } from "#runner/core/gate/risk.ts";
import { latestRuns } from "#runner/loop/run-index.ts";
import { renderPolicy } from "#runner/report/policy-text.ts";
import { looking } from "./looking.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

interface PolicyQuestion extends OtherThresholds {
  readonly thing: string;
  /** Gates, and runs that are looked through for them. */
  readonly last: number;
}

const RUNS_PER_GATE = 5;

export async function explainPolicyVerb(
  context: VerbContext,
  { thing, last, ...other }: PolicyQuestion,
): Promise<Answer> {
  if (thing !== "policy") {
    const message = `other thresholds can be tried on the policy only, not on ${thing}`;
    return refused("usage", message, "fettle explain policy --auto-below 30");
  }
  const wrong = Object.entries(other).find(([, value]) => value > 100);
  if (wrong !== undefined) {
    return refused("usage", `a risk goes from 0 to 100, and ${wrong[1]} is more`, "");
  }
  return looking(context, async (seen) => {
    const apart = whyNotApart(seen.workspace, other);
    if (apart !== null) return apart;
    const runs = await latestRuns(seen, () => true, last * RUNS_PER_GATE);
    const report = policyReport(runs, seen.workspace, { other, limit: last });
    return { exit: "ok", text: renderPolicy(report, context.look), json: report };
  });
}

/** As `fettle validate` refuses them in fettle.yaml. */
function whyNotApart({ settings }: Workspace, other: OtherThresholds): Answer | null {
  const { autoBelow, gateFrom } = thresholdsOf({ ...settings.policy, ...other });
  if (autoBelow <= gateFrom) return null;
  const message = `autoBelow ${autoBelow} is above gateFrom ${gateFrom}: what lies between would both go on and be asked`;
  const hint = `fettle explain policy --auto-below ${autoBelow} --gate-from ${autoBelow}   moves both`;
  return refused("usage", message, hint);
}
