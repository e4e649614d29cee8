/** What became of what people have asked for in comments, in words. */
import { expiryWords } from "./gate-command.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Spoken } from "./spoken.ts";

/** One line of Markdown each; text from outside is left out on purpose. */
export function spokenWords(spoken: readonly Spoken[], gate: GateRecord): readonly string[] {
  return spoken.map((one) => `- ${one.at} ${whoSays(one)}: ${wordsOf(one, gate)}`);
}

function whoSays({ account, by }: Spoken): string {
  // A login holds letters, digits and hyphens only; who is told so must not be called for.
  return by ?? `\`${account.login.replaceAll(/[^A-Za-z0-9-]/gu, "")}\``;
}

function wordsOf({ command, verdict }: Spoken, gate: GateRecord): string {
  switch (verdict) {
    case "stranger":
      return "not carried out: only operators of fettle.yaml (by `login`) who may write here decide.";
    case "edited":
      return "not carried out: the comment was changed after it was written. Write it anew.";
    case "moved":
      return "not carried out: something else stands on the branch than what was proposed. Name the commit: `/fettle approve <all 40 digits>`.";
    case "unknown":
      return "not understood: `/fettle approve`, `/fettle approve <commit>`, `/fettle reject <reason>` or `/fettle explain`.";
    case "overruled":
      return "answered otherwise since.";
    case "heard":
      return heardWords(command, gate);
  }
}

function heardWords({ kind }: Spoken["command"], gate: GateRecord): string {
  const { risk, answerBy, onExpire, asks } = gate;
  switch (kind) {
    case "approve":
      return asks === undefined
        ? "approved; it is merged as it stands, as soon as it goes together with main."
        : "heard, and no answer yet: fill in the form on the branch, and merge.";
    case "reject":
      return "rejected; nothing of it happens.";
    case "explain": {
      const factors = risk.factors.map(({ points }) => points).join(" + ");
      const end = answerBy === null ? "for ever" : `until ${answerBy}`;
      const then =
        answerBy === null || onExpire === "keep" ? "" : `, then it ${expiryWords(onExpire)}`;
      return `risk ${risk.score} of 100 (${factors}; the reasons stand above); it waits ${end}${then}.`;
    }
    case "unknown":
      return "not understood.";
  }
}
