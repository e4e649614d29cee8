/** Why an open gate waits, in words, and what lets it go on. */
import { assentCommand } from "./gate-command.ts";
import type { Doubt, GateState } from "./gate-state.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { stepHold } from "#runner/core/step-plan.ts";

type HoldWords = Parameters<typeof stepHold>[2];

/** `veto`: when it goes on by itself. */
export function waitingWords({ record }: ObservedGate, veto: string | null): HoldWords {
  const { id, title } = record;
  const goesOn = veto === null ? "" : `, and goes on by itself at ${veto}`;
  return {
    reason: "awaiting-approval",
    why: `"${title}" waits for you${goesOn}`,
    unblock: `${assentCommand(record)}, or fettle reject ${id} --reason "…"`,
  };
}

export function snoozedWords({ record: { id, title } }: ObservedGate, until: string): HoldWords {
  const unblock = `fettle snooze ${id} --until now   brings it back; it may be answered at any time`;
  return { reason: "snoozed", why: `"${title}" is put off until ${until}`, unblock };
}

export function holdOf(
  { record }: ObservedGate,
  state: Extract<GateState, { kind: "stale" | "conflicting" }>,
): HoldWords {
  const { id, title, branch, folder } = record;
  const again = `fettle reject ${id} --reason "…", and fettle run ${record.project}/${record.pipeline}`;
  switch (state.kind) {
    case "stale": {
      const why = `the decision on main is of another proposal: planDigest of ${folder}/decision.md is ${state.planDigest || "missing"}`;
      const unblock = `write planDigest: ${record.planDigest ?? ""} there if you approve of this one, or ${again}`;
      return { reason: "stale-approval", why, unblock };
    }
    case "conflicting": {
      const what = state.paths.length === 0 ? "the same files" : state.paths.join(", ");
      const why = `main has changed ${what} since "${title}" was proposed`;
      const unblock = `git merge ${branch}   and resolve it by hand, or ${again}`;
      return { reason: "conflicting", why, unblock };
    }
  }
}

/** Changes are asked for that nothing makes by itself. */
export function changesWords(
  { record: { id, title, branch } }: ObservedGate,
  { note, why }: { readonly note: string; readonly why: string },
): HoldWords {
  const what = note.trim() === "" ? "" : `: ${note}`;
  return {
    reason: "changes-requested",
    why: `changes of "${title}" are asked for${what} (nothing is made anew by itself: ${why})`,
    unblock: `make them on ${branch} and merge it, or fettle reject ${id} --reason "…" --retry`,
  };
}

export function doubtWords(
  { record }: ObservedGate,
  doubt: Exclude<Doubt, { kind: "branch-missing" }>,
): HoldWords {
  const { id, title, folder, branch } = record;
  switch (doubt.kind) {
    case "unproven": {
      const who = doubt.by ?? "somebody who cannot be told";
      const what = doubt.act === "approved" ? "brought to" : "taken back from";
      const why = `the decision was ${what} main by ${who}, who is not an operator`;
      const unblock = `as an operator of fettle.yaml (git config user.email) add a line with your reason to ${folder}/decision.md, and commit it on main`;
      return { reason: "approval-unproven", why, unblock };
    }
    case "closed": {
      const who = doubt.by ?? "somebody who cannot be told";
      const why = `the pull request of "${title}" was closed by ${who}, who is not an operator`;
      const unblock = `open it again, or fettle reject ${id} --reason "…"`;
      return { reason: "awaiting-approval", why, unblock };
    }
    case "merged-unseen": {
      const why = `the pull request of "${title}" is merged, and main does not show it yet`;
      return { reason: "awaiting-approval", why };
    }
    case "draft": {
      const why = `the pull request of "${title}" is a draft`;
      return { reason: "awaiting-approval", why, unblock: "mark it as ready for review" };
    }
    case "remarked": {
      const why = `"${title}" waits for an answer: ${doubt.by} has said something about it that may be an objection`;
      const unblock = `fettle approve ${id}, or fettle reject ${id} --reason "…"`;
      return { reason: "awaiting-approval", why, unblock };
    }
    case "endorsed": {
      const why = `${doubt.by} approves of "${title}", and nobody has merged it`;
      const unblock = `merge the pull request of ${branch}, or ${assentCommand(record)}`;
      return { reason: "awaiting-approval", why, unblock };
    }
  }
}

/** When it expires, where it does and has not yet. */
export function expiryOf(
  { record: { answerBy, onExpire } }: ObservedGate,
  now: string,
): string | null {
  return onExpire !== "keep" && answerBy !== null && answerBy > now ? answerBy : null;
}
