/** Verbs about what waits for the operator. */
import { type AddVerb, wholeNumber } from "./command-line.ts";

interface ApproveOptions {
  readonly list?: boolean;
  readonly except?: readonly number[];
}

interface RejectOptions {
  readonly reason: string;
  readonly except?: readonly number[];
  readonly retry?: boolean;
}

function placesIn(word: string, before: readonly number[]): readonly number[] {
  return [...before, ...word.split(",").map(wholeNumber)];
}

export function addGateVerbs(verb: AddVerb): void {
  addApprove(verb);
  addReject(verb);
  addGates(verb);
  addSnooze(verb);
  verb({
    usage: "command <event>",
    summary: "do what an operator has asked for in a comment on GitHub",
    examples: [
      [
        'fettle command "$GITHUB_EVENT_PATH"',
        "in GitHub Actions: /fettle approve, reject, retry, stop, start, explain",
      ],
    ],
    act: async (context, event: string) =>
      (await import("#runner/verbs/command.ts")).commandVerb(context, { event }),
  });
}

function addApprove(verb: AddVerb): void {
  verb({
    usage: "approve [gate]",
    summary: "approve what waits: merges it in your name",
    first: true,
    examples: [
      ["fettle approve", "what waits for you, and how to look at it"],
      ["fettle approve chase-invoices-mgrb10cf", "approve it; the start of the name is enough"],
      ["fettle approve briefing-2026-11-23-0830", "approve all that the briefing shows"],
      [
        "fettle approve briefing-2026-11-23-0830 --except 3",
        "all but the third, which is rejected",
      ],
    ],
    act: async (context, gate: string | undefined, { list = false, except = [] }: ApproveOptions) =>
      (await import("#runner/verbs/approve.ts")).approveVerb(context, {
        gate: gate ?? null,
        list,
        except,
      }),
  })
    .option("--list", "only list what waits")
    .option("--except <numbers...>", "of a briefing: gates that are rejected", placesIn, []);
}

function addReject(verb: AddVerb): void {
  verb({
    usage: "reject <gate>",
    summary: "reject what waits",
    first: true,
    examples: [
      ['fettle reject chase-invoices-mgrb10cf --reason "too early"', "the reason is kept"],
      [
        'fettle reject chase-invoices-mgrb10cf --reason "shorter" --retry',
        "make it anew with these words; a new gate shows it",
      ],
      [
        'fettle reject briefing-2026-11-23-0830 --reason "not now" --except 3',
        "all that the briefing shows but the third, which stays open",
      ],
    ],
    act: async (context, gate: string, { reason, except = [], retry = false }: RejectOptions) =>
      (await import("#runner/verbs/reject.ts")).rejectVerb(context, {
        gate,
        reason,
        except,
        retry,
      }),
  })
    .requiredOption("--reason <text>", "why; kept with the decision")
    .option("--retry", "ask for changes: it is made anew with these words, and a new gate opens")
    .option("--except <numbers...>", "of a briefing: gates that stay open", placesIn, []);
}

interface SnoozeOptions {
  readonly until?: string;
  readonly for?: string;
  readonly reason?: string;
}

function addSnooze(verb: AddVerb): void {
  verb({
    usage: "snooze <gate>",
    summary: "put a gate off: it comes back by itself",
    examples: [
      ["fettle snooze chase-invoices-mgrb10cf --for 2d", "ask me again in two days"],
      ['fettle snooze chase-invoices-mgrb10cf --until "2026-12-01 14:00"', "or then"],
      ["fettle snooze chase-invoices-mgrb10cf --until now", "bring it back"],
    ],
    act: async (context, gate: string, { until, for: duration, reason = "" }: SnoozeOptions) =>
      (await import("#runner/verbs/snooze.ts")).snoozeVerb(context, {
        gate,
        until: until ?? null,
        for: duration ?? null,
        reason,
      }),
  })
    .option("--until <when>", "a day, a day with a time, or now")
    .option("--for <duration>", "such as 4h or 2d")
    .option("--reason <text>", "why", "");
}

function addGates(verb: AddVerb): void {
  verb({
    usage: "gates",
    summary: "show what is open and what is queued, in which order and why",
    past: true,
    examples: [
      ["fettle gates", "what you are asked now, and what comes next"],
      ["fettle gates --more", "show me the next ones now, though the day is used up"],
    ],
    act: async (context, { more = false }: { more?: boolean }) => {
      const { gatesVerb, moreGates } = await import("#runner/verbs/gates.ts");
      return more ? moreGates(context) : gatesVerb(context);
    },
  }).option("--more", "show the next ones now: as many as a day has reviews");
}
