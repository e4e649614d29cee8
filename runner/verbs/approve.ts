/** `fettle approve`: merges a gate in the operator's name, or lists what waits. */
import { answersIn, answerText, troubleOf } from "#runner/core/gate-answer.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { approveGate } from "#runner/loop/approve.ts";
import { terminalText } from "#runner/report/terminal-text.ts";
import { gateCommands } from "#runner/report/words.ts";
import { acting } from "./acting.ts";
import { findGate, rejectionTold } from "./find-gate.ts";
import { gateBranches } from "./gate-branches.ts";
import { reading, sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function approveVerb(
  context: VerbContext,
  { gate, list }: { readonly gate: string | null; readonly list: boolean },
): Promise<Answer> {
  if (list || gate === null) return listGates(context);
  return acting(context, async (engine, seen) => {
    const found = findGate(seen, gate);
    if (!found.ok) return found.refusal;
    const { record } = found;
    const rejection = rejectionTold(seen, record);
    if (rejection !== undefined) {
      const hint = `git merge ${record.branch}   approves it all the same, until fettle reconcile has rejected it`;
      return refused("refused", rejection, hint);
    }
    const approval = await approveGate(engine, {
      gate: record,
      operators: operatorsOf(seen.workspace.settings),
      main: seen.workspace.commit,
      head: seen.seen.refs.get(branchRef(record.branch)) ?? null,
    });
    return approval.ok
      ? {
          exit: "ok",
          text: `approved "${record.title}": merged into main as ${approval.commit.slice(0, 7)}\n  fettle reconcile   goes on from here\n`,
          json: { gate: record.id, commit: approval.commit },
        }
      : refused(approval.exit, terminalText(approval.message), approval.hint);
  });
}

function listGates(context: VerbContext): Promise<Answer> {
  return reading(context, async (engine) => {
    const sighted = await sight(context, engine);
    if (!sighted.ok) return sighted.refusal;
    const { observed, plan } = sighted.sight;
    const answers = answersIn(plan);
    const gates = [...observed.gates.values()].map(({ record }) => record);
    const branches = await gateBranches(engine.repository, observed);
    const lines = gates.map((gate) => {
      const answer = answers.get(gate.id);
      if (answer !== undefined) return `${gate.id}  ${gate.title}\n  ${answerText(answer)}\n`;
      const trouble = troubleOf(plan, gate);
      if (trouble !== undefined)
        return `${gate.id}  ${gate.title}\n  ${trouble.why}\n  ${trouble.unblock}\n`;
      const { fetch, look, approve } = gateCommands(gate, branches);
      const commands = [...(fetch === null ? [] : [fetch]), look, approve];
      return `${gate.id}  ${gate.title}\n${commands.map((command) => `  ${command}\n`).join("")}`;
    });
    return {
      exit: "ok",
      text: gates.length === 0 ? "nothing waits for you\n" : lines.join(""),
      json: gates,
    };
  });
}
