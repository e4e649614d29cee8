/** What became of what people have asked for in comments, in words. */
import { expiryWords } from "#runner/core/gate/gate-command.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Command } from "./comment-command.ts";
import type { Spoken } from "./spoken.ts";

export interface Heard {
  /** Those that the pull request shows and that are open. */
  readonly gates: readonly GateRecord[];
  /** What became of requests that have to do with more than these gates, by comment. */
  readonly replies: ReadonlyMap<number, string>;
}

/** One line of Markdown each; text from outside is left out on purpose. */
export function spokenWords(spoken: readonly Spoken[], heard: Heard): readonly string[] {
  return spoken.map((one) => `- ${one.at} ${whoSays(one)}: ${wordsOf(one, heard)}`);
}

function whoSays({ account, by }: Spoken): string {
  // A login holds letters, digits and hyphens only; who is told so must not be called for.
  return by ?? `\`${account.login.replaceAll(/[^A-Za-z0-9-]/gu, "")}\``;
}

function wordsOf(one: Spoken, heard: Heard): string {
  switch (one.verdict) {
    case "stranger":
      return "not carried out: only operators of fettle.yaml (by `login`) who may write here decide.";
    case "edited":
      return "not carried out: the comment was changed after it was written. Write it anew.";
    case "moved":
      return "not carried out: something else stands on the branch than what was proposed. Name the commit: `/fettle approve <all 40 digits>`.";
    case "no-place":
      return "not carried out: nothing that is open has such a number here.";
    case "unknown":
      return `not understood. There are ${KNOWN}.`;
    case "overruled":
      return "answered otherwise since.";
    case "cutting":
      return "approved but for what is named: that is rejected on the branch first, then the rest is merged.";
    case "heard":
      return heard.replies.get(one.comment) ?? heardWords(one.command, heard.gates);
  }
}

const KNOWN = [
  "approve",
  "approve <commit>",
  "approve all but 3",
  "reject <reason>",
  "reject 2 <reason>",
  "snooze 2d",
  "retry <run> --from <step>",
  "stop",
  "start",
  "explain",
]
  .map((form) => `\`/fettle ${form}\``)
  .join(", ");

function heardWords(command: Command, gates: readonly GateRecord[]): string {
  switch (command.kind) {
    case "approve":
      return gates.some(({ asks }) => asks !== undefined)
        ? "heard, and no answer yet: fill in the form on the branch, and merge."
        : "approved; it is merged as it stands, as soon as it goes together with main.";
    case "approve-but":
      return "approved but for what is named; it is merged as it stands now, as soon as it goes together with main.";
    case "reject":
      return isOfBriefing(gates) && command.places.length > 0
        ? `rejected (${command.places.join(", ")}); nothing of that happens.`
        : "rejected; nothing of it happens.";
    case "retry":
      return `${command.run ?? "it"} is tried once more.`;
    case "snooze":
      return `put off for ${command.duration}; it comes back by itself.`;
    case "stop":
      return `stopped: nothing new begins (${command.what ?? "of all"}). \`/fettle start\` lets it go on.`;
    case "start":
      return `what was stopped before goes on (${command.what ?? "all"}).`;
    case "explain":
      return gates.map((gate) => explained(gate)).join("; ");
    case "unknown":
      return "not understood.";
  }
}

function isOfBriefing(gates: readonly GateRecord[]): boolean {
  return gates.some(({ briefing }) => briefing !== undefined);
}

function explained({ briefing, risk, answerBy, onExpire }: GateRecord): string {
  const factors = risk.factors.map(({ points }) => points).join(" + ");
  const end = answerBy === null ? "for ever" : `until ${answerBy}`;
  const then = answerBy === null || onExpire === "keep" ? "" : `, then it ${expiryWords(onExpire)}`;
  const which = briefing === undefined ? "" : `${briefing.place}: `;
  return `${which}risk ${risk.score} of 100 (${factors}; the reasons stand above); it waits ${end}${then}.`;
}
