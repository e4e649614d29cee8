/** The open gate that the operator means. */
import { rejectionOf } from "#runner/core/gate-decision.ts";
import { findNamed } from "#runner/core/suggest.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer } from "./verb.ts";

type FoundGate =
  | { readonly ok: true; readonly record: GateRecord }
  | { readonly ok: false; readonly refusal: Answer };

/** An open gate by its id or the unambiguous start of it. */
export function findGate({ observed }: Sight, name: string): FoundGate {
  const gates = [...observed.gates.values()].map(({ record }) => ({ name: record.id, record }));
  const meant = findNamed(name, gates, { byStart: true });
  switch (meant.kind) {
    case "found":
      return { ok: true, record: meant.found.record };
    case "ambiguous": {
      const hint = `it may be any of ${meant.names.join(", ")}`;
      const message = `${name} is the start of several gates`;
      return { ok: false, refusal: refused("usage", message, hint) };
    }
    case "unknown": {
      const listed = "fettle approve   lists what waits";
      const hint = meant.closest === null ? listed : `did you mean ${meant.closest}?`;
      return { ok: false, refusal: refused("usage", `no open gate is called ${name}`, hint) };
    }
  }
}

/** That a rejection of the gate was asked for and is not carried out yet. */
export function rejectionTold(seen: Sight, { id, title }: GateRecord): string | undefined {
  const request = rejectionOf(seen, id);
  if (request === undefined) return undefined;
  return `"${title}" is to be rejected: ${request.by} asked for it ("${request.reason}")`;
}
