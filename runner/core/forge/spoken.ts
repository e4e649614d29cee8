/** What people have asked for under the pull request of gates, and whose word counts. */
import { commandIn, type Command } from "./comment-command.ts";
import type { ForgeAccount, ForgeReview } from "./forge-facts.ts";
import { emailOfAccount } from "./operator-account.ts";
import type { Operator } from "#runner/schema/types.gen.ts";

/** A comment as the forge shows it. */
export interface Remark extends ForgeAccount {
  readonly id: number;
  readonly text: string;
  readonly at: string;
  /** Its author has changed it after it was written. */
  readonly isEdited: boolean;
}

/**
 * Why it counts or does not. `moved`: something else stands on the branch than what was approved; `cutting`: it counts, and
 * what it leaves out must be rejected on the branch first; `no-place`: no gate that is open has the number; `overruled`: an
 * operator has answered otherwise since.
 */
export type Verdict =
  | "heard"
  | "cutting"
  | "stranger"
  | "edited"
  | "moved"
  | "no-place"
  | "unknown"
  | "overruled";

export interface Spoken {
  readonly comment: number;
  readonly account: ForgeAccount;
  /** E-mail; null: no operator. */
  readonly by: string | null;
  readonly at: string;
  readonly command: Command;
  readonly verdict: Verdict;
}

export interface Floor {
  readonly gate: {
    /** Commit that was proposed. */
    readonly head: string;
    /** Of a briefing: those that are open; null where it is one gate. */
    readonly places: readonly number[] | null;
  };
  /** Commit that the branch holds, or that was merged. */
  readonly head: string;
  /** Open places that `head` rejects, where rejections are all that it changes; null where something else is changed. */
  readonly cut: readonly number[] | null;
  /** Oldest first. */
  readonly remarks: readonly Remark[];
  readonly operators: readonly Operator[];
  /** Who may write to the repository, by login. */
  readonly writers: readonly string[];
}

/** Oldest first; of all answers the last one counts. */
export function spokenOn(floor: Floor): readonly Spoken[] {
  const spoken = floor.remarks.flatMap((remark) => spokenIn(floor, remark));
  const last = spoken.findLast((one) => isAnswer(one));
  return spoken.map((one) =>
    isAnswer(one) && one !== last ? { ...one, verdict: "overruled" } : one,
  );
}

function isAnswer({ verdict, command }: Spoken): boolean {
  const { kind } = command;
  const isMeant = kind === "approve" || kind === "approve-but" || kind === "reject";
  return isMeant && (verdict === "heard" || verdict === "cutting");
}

/**
 * Who has said last what may be an objection: a misspelt command, a word that was changed afterwards, a remark, a review
 * that only comments. E-mail of an operator, else a login; null: nobody.
 */
export function remarkedBy({
  remarks,
  reviews,
  operators,
}: Pick<Floor, "remarks" | "operators"> & {
  readonly reviews: readonly ForgeReview[];
}): string | null {
  const words = [...remarks.filter(isRemark), ...reviews.filter(isRemarking)];
  const last = words.filter((word) => mayBeOperator(operators, word)).at(-1);
  return last === undefined ? null : (emailOfAccount(operators, last) ?? last.login);
}

const OWN_NOTE = /^<!-- fettle:[a-z-]+ -->\n/u;

/** Who approves, or only asks, objects to nothing; what is put off does not go on by itself anyway. */
const NO_OBJECTION: readonly (string | undefined)[] = ["approve", "snooze", "explain"];

function isRemark({ text, isEdited }: Remark): boolean {
  return !OWN_NOTE.test(text) && (isEdited || !NO_OBJECTION.includes(commandIn(text)?.kind));
}

function isRemarking({ state }: ForgeReview): boolean {
  return state === "commented" || state === "changes-requested";
}

/** Where an operator has no login in fettle.yaml, any person may be that one. */
function mayBeOperator(operators: readonly Operator[], account: ForgeAccount): boolean {
  if (account.isBot) return false;
  const isAnybody = operators.some(({ login }) => login === undefined);
  return isAnybody || emailOfAccount(operators, account) !== null;
}

/** A bot that quotes a command asks for nothing. */
function spokenIn(floor: Floor, remark: Remark): readonly Spoken[] {
  const command = remark.isBot ? undefined : commandIn(remark.text);
  if (command === undefined) return [];
  const { id: comment, login, isBot, at } = remark;
  const by = emailOfAccount(floor.operators, remark);
  const verdict = verdictOn(floor, remark, { command, by });
  return [{ comment, account: { login, isBot }, by, at, command, verdict }];
}

function verdictOn(
  floor: Floor,
  { login, isEdited }: Remark,
  { command, by }: Pick<Spoken, "command" | "by">,
): Verdict {
  if (by === null || !floor.writers.includes(login)) return "stranger";
  if (isEdited) return "edited";
  switch (command.kind) {
    case "unknown":
      return "unknown";
    case "reject":
      return isAnyOpen(floor, command.places) ? "heard" : "no-place";
    case "retry":
    case "stop":
    case "start":
    case "snooze":
    case "explain":
      return "heard";
    case "approve": {
      // Whoever names no commit has seen the proposal as it was made; nobody can tell what else.
      const approved = (command.sha ?? floor.gate.head) === floor.head;
      return approved ? "heard" : "moved";
    }
    case "approve-but":
      return onRest(floor, command.except);
  }
}

/** Numbers mean something in a briefing alone: elsewhere they belong to the reason. */
function isAnyOpen({ gate: { places } }: Floor, named: readonly number[]): boolean {
  return places === null || named.length === 0 || named.some((place) => places.includes(place));
}

/** What is approved is the proposal with these rejections in it, and nothing else. */
function onRest({ gate, head, cut }: Floor, except: readonly number[]): Verdict {
  const { places } = gate;
  if (places === null) return "no-place";
  if (cut === null) return "moved";
  if (head === gate.head) {
    return except.every((place) => places.includes(place)) ? "cutting" : "no-place";
  }
  const rejected = except.filter((place) => places.includes(place));
  return rejected.join() === cut.join() ? "heard" : "moved";
}

/** An approval in a comment, as the review that it is. */
export function reviewsIn(spoken: readonly Spoken[], head: string): readonly ForgeReview[] {
  return spoken.flatMap(({ account, at, command, verdict }) =>
    verdict === "heard" && (command.kind === "approve" || command.kind === "approve-but")
      ? [{ ...account, state: "approved", commit: head, at, text: "" } as const]
      : [],
  );
}
