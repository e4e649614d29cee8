/** The open gate that the operator means. */
import { briefingName } from "#runner/core/gate/briefing.ts";
import { rejectionOf } from "#runner/core/gate/gate-decision.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import { findNamed } from "#runner/core/suggest.ts";
import type { GateRecord, RejectRequest } from "#runner/schema/types.gen.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer } from "./verb.ts";

type FoundGate =
  | { readonly ok: true; readonly gate: ObservedGate; readonly record: GateRecord }
  | { readonly ok: false; readonly refusal: Answer };

const WHOLE_ID = /^[a-z0-9-]+-[0-9a-z]{8}$/u;
const QUEUE_SHOWN = "fettle gates --more   shows the next ones now";

/** An open gate by its id or the unambiguous start of it. */
export function findGate({ observed, plan }: Sight, name: string): FoundGate {
  const gates = [...observed.gates.values()].map((gate) => ({ name: gate.record.id, gate }));
  const meant = findNamed(name, gates, { byStart: true });
  switch (meant.kind) {
    case "found":
      return { ok: true, gate: meant.found.gate, record: meant.found.gate.record };
    case "ambiguous": {
      const hint = `it may be any of ${meant.names.join(", ")}`;
      const message = `${name} is the start of several gates`;
      return { ok: false, refusal: refused("usage", message, hint) };
    }
    case "unknown": {
      const queued = plan.queue.find(({ id }) => `${id}-`.startsWith(`${name}-`));
      if (queued !== undefined) {
        const message = `"${queued.title}" cannot be answered yet, it is queued: ${queued.why}`;
        return { ok: false, refusal: refused("refused", message, QUEUE_SHOWN) };
      }
      const hint = unknownHint(name, meant.closest);
      return { ok: false, refusal: refused("usage", `no open gate is called ${name}`, hint) };
    }
  }
}

/** Somebody else may have answered it a moment ago: then the one with nearly the same name is not meant. */
function unknownHint(name: string, near: string | null): string {
  const listed = "fettle approve   lists what waits";
  if (WHOLE_ID.test(name))
    return `${listed}; fettle explain ${name}   tells what became of one that was answered`;
  return near === null ? listed : `did you mean ${near}?`;
}

export interface Briefing {
  readonly id: string;
  readonly branch: string;
  /** Those that are open, in the order of their places. */
  readonly gates: readonly GateRecord[];
}

type FoundBriefing =
  | { readonly kind: "found"; readonly briefing: Briefing }
  | { readonly kind: "refused"; readonly refusal: Answer }
  /** The name is that of no briefing. */
  | { readonly kind: "none" };

/** The briefing of that name, or of the only name that begins so. */
export function findBriefing(seen: Sight, name: string): FoundBriefing {
  if (!`${name}-`.startsWith(briefingName(""))) return { kind: "none" };
  const records = [...seen.observed.gates.values()].map(({ record }) => record);
  const ids = [...new Set(records.flatMap(({ briefing }) => briefing?.id ?? []))].toSorted();
  const named = ids.map((id) => ({ name: id }));
  const meant = findNamed(name, named, { byStart: true });
  switch (meant.kind) {
    case "found":
      return foundBriefing(meant.found.name, records);
    case "ambiguous":
      return refusedBriefing(`${name} is the start of several briefings`, ids);
    case "unknown":
      // A pipeline may have such a name.
      return findGate(seen, name).ok
        ? { kind: "none" }
        : refusedBriefing(`no briefing that is called ${name} has an open gate`, ids);
  }
}

function foundBriefing(id: string, records: readonly GateRecord[]): FoundBriefing {
  const gates = records
    .filter(({ briefing }) => briefing?.id === id)
    .toSorted((a, b) => (a.briefing?.place ?? 0) - (b.briefing?.place ?? 0));
  const [first] = gates;
  if (first === undefined) return { kind: "none" };
  return { kind: "found", briefing: { id, branch: first.branch, gates } };
}

function refusedBriefing(message: string, ids: readonly string[]): FoundBriefing {
  const hint =
    ids.length === 0
      ? "fettle gates   shows what is open; no briefing is"
      : `it may be any of ${ids.join(", ")}`;
  return { kind: "refused", refusal: refused("usage", message, hint) };
}

/** Why these numbers of its gates cannot be meant; undefined where all can. */
export function strangePlace(
  { id, gates }: Briefing,
  except: readonly number[],
): Answer | undefined {
  const places = gates.map(({ briefing }) => briefing?.place ?? 0);
  const unknown = except.find((place) => !places.includes(place));
  if (unknown === undefined) return undefined;
  return refused("usage", `${id} has no open gate ${unknown}`, `there are ${places.join(", ")}`);
}

/** `--except` where a single gate is meant. */
export function exceptAlone(gate: string): Answer {
  return refused("usage", `${gate} is no briefing: --except names gates of one`, "fettle gates");
}

/** That a rejection of the gate was asked for and is not carried out yet. */
export function rejectionTold(seen: Sight, record: GateRecord): string | undefined {
  const request = rejectionOf(seen, record.id);
  return request && rejectionWords(request, record);
}

export function rejectionWords(
  request: Omit<RejectRequest, "id" | "kind" | "at">,
  { title }: GateRecord,
): string {
  const what = request.retry === true ? "made anew" : "rejected";
  return `"${title}" is to be ${what}: ${request.by} asked for it ("${request.reason}")`;
}
