/** What else an operator can do than approve, and what follows from each. */
import { markdownCode, markdownTable, markdownText } from "./markdown-text.ts";
import { usdAtMost } from "./money.ts";
import { counted } from "./words.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import { expiryWords } from "#runner/core/gate/gate-command.ts";
import { isAgentStep } from "#runner/core/step-graph.ts";
import type { ProposalInput } from "#runner/core/gate/proposal-input.ts";

/** `mostMicros`: what follows an approval of all. */
export function alternativesText(input: ProposalInput, mostMicros: number): string {
  const { gate } = input;
  if (gate.asks !== undefined)
    return `Nothing of the above happens, and the run ends.${undone(input)}`;
  const most = markdownText(usdAtMost(mostMicros));
  const rows = [
    ["merge it as it stands", `all of it happens, for ${most} at most`],
    ...partRows(input, mostMicros),
    ["edit it, then merge", "your version happens; the rest is as above"],
    [
      "ask for changes in a review",
      "it is made anew with your note and asked again; where that cannot be, the note waits for you",
    ],
    [
      "close it",
      `nothing of it happens, the run ends, and the same content is not asked for again.${undone(input)}`,
    ],
    ["do nothing", waitingText(gate)],
  ];
  return markdownTable(["If you", "then"], rows);
}

/** Of a list a part can be left out. */
function partRows({ gate }: ProposalInput, mostMicros: number): readonly string[][] {
  const items = gate.items.filter(({ key }) => key !== null);
  if (items.length < 2) return [];
  const each = markdownText(usdAtMost(Math.ceil(mostMicros / items.length)));
  const what = `the others of the ${counted(items.length, "item")} go on, each for about ${each} at most`;
  return [["delete files of items, then merge", what]];
}

function waitingText({ answerBy, onExpire, vetoUntil }: ProposalInput["gate"]): string {
  if (vetoUntil !== undefined) return `it goes on by itself, not before ${vetoUntil}`;
  return answerBy === null ? "it waits for ever" : `after ${answerBy} it ${expiryWords(onExpire)}`;
}

/** What earlier steps did outside and can be undone is. */
function undone({ run: { pipeline, attempts } }: ProposalInput): string {
  const done = new Set(
    attempts.flatMap(({ step, outcome }) => (outcome === "succeeded" ? [step] : [])),
  );
  const undoing = pipeline.steps.filter(isAgentStep).flatMap(({ id, compensate }) => {
    const agent = compensate?.agent;
    return agent === undefined || !done.has(id)
      ? []
      : [`What ${markdownCode(id)} did is undone by ${markdownCode(agentName(agent))}.`];
  });
  return undoing.map((text) => ` ${text}`).join("");
}
