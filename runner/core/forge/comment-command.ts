/** What an operator may ask for in a comment: the first line, and nothing else of it. */
import { isSnoozeTime } from "#runner/core/gate/snooze.ts";

/** `unknown`: it means to be one, and is none. */
export type Command =
  /** `sha`: the commit that is approved; null: the proposal as it was made. */
  | { readonly kind: "approve"; readonly sha: string | null }
  /** Of a briefing: everything that it shows but these places, which are rejected. */
  | { readonly kind: "approve-but"; readonly except: readonly number[] }
  /** `places`: what of a briefing is meant, where the words begin with numbers; `reason` are all words, `rest` those behind the numbers. */
  | {
      readonly kind: "reject";
      readonly reason: string;
      readonly places: readonly number[];
      readonly rest: string;
    }
  /** `run`: its id, the start of it, or a pipeline; null: the run that waits here. */
  | { readonly kind: "retry"; readonly run: string | null; readonly from: string | null }
  /** `what`: a project or a pipeline; null: everything. */
  | { readonly kind: "stop" | "start"; readonly what: string | null }
  /** `duration`: from when it was written. */
  | { readonly kind: "snooze"; readonly duration: string }
  | { readonly kind: "explain" }
  | { readonly kind: "unknown"; readonly word: string };

const LONGEST_REASON = 500;
/** Of what has a name here; nobody is called by one, and it is no markup. */
const NAME = "[A-Za-z0-9][A-Za-z0-9._/-]{0,199}";
const PLACES = String.raw`\d{1,4}(?:(?: *, *| +)\d{1,4})*`;

/** undefined: just a comment. Quoted lines, code and anything before the command make it one. */
export function commandIn(text: string): Command | undefined {
  const [line = ""] = text.split(/\r?\n/u, 1);
  const found = /^\/fettle(?: +(?<rest>.*?))? *$/u.exec(line);
  if (found === null) return undefined;
  const { rest = "" } = found.groups ?? {};
  const [word = "", ...more] = rest.split(/ +/u);
  const said = more.join(" ");
  return COMMANDS.get(word)?.(said) ?? { kind: "unknown", word: rest };
}

/** By its first word; undefined where the others make nothing of it. */
const COMMANDS: ReadonlyMap<string, (said: string) => Command | undefined> = new Map([
  ["approve", approveIn],
  ["reject", rejectIn],
  ["retry", retryIn],
  ["stop", (said: string) => scopeIn("stop", said)],
  ["start", (said: string) => scopeIn("start", said)],
  ["snooze", snoozeIn],
  ["explain", (said: string) => (said === "" ? { kind: "explain" as const } : undefined)],
]);

/** What would be half of an approval is none: of a commit's first digits somebody can make a second one. */
function approveIn(said: string): Command | undefined {
  if (said === "" || said === "all") return { kind: "approve", sha: null };
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(said)) return { kind: "approve", sha: said };
  const but = new RegExp(`^all but (?<places>${PLACES})$`, "u").exec(said)?.groups?.["places"];
  return but === undefined ? undefined : { kind: "approve-but", except: placesIn(but) };
}

function rejectIn(said: string): Command {
  const found = new RegExp(`^(?<places>${PLACES})(?: +(?<rest>.*))?$`, "u").exec(said)?.groups;
  const places = placesIn(found?.["places"] ?? "");
  const rest = found === undefined ? said : (found["rest"] ?? "");
  return {
    kind: "reject",
    reason: said.slice(0, LONGEST_REASON),
    places,
    rest: rest.slice(0, LONGEST_REASON),
  };
}

/** In order, each once. */
function placesIn(text: string): readonly number[] {
  const numbers = text.match(/\d+/gu) ?? [];
  return [...new Set(numbers.map(Number))].toSorted((a, b) => a - b);
}

function retryIn(said: string): Command | undefined {
  const words = new RegExp(`^(?<run>${NAME})?(?: *--from (?<from>${NAME}))?$`, "u").exec(said);
  if (words === null) return undefined;
  const { run = null, from = null } = words.groups ?? {};
  return { kind: "retry", run, from };
}

function snoozeIn(duration: string): Command | undefined {
  return isSnoozeTime(duration) ? { kind: "snooze", duration } : undefined;
}

function scopeIn(kind: "stop" | "start", said: string): Command | undefined {
  if (said === "") return { kind, what: null };
  return new RegExp(`^${NAME}$`, "u").test(said) ? { kind, what: said } : undefined;
}
