/** The smallest transactions of each kind. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { claim, claimed } from "#runner/protocol/lease.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { ADA } from "../../support/rehearsal.ts";
import type { Group } from "./scenarios.ts";

/** An operator's question is kept on any state. */
export function factOf(id: string, at: string): Transaction {
  const request: RequestRecord = { id, kind: "reject", gate: id, reason: "", by: ADA, at };
  const event = {
    kind: "request-made",
    at,
    project: "",
    request: id,
    by: ADA,
    asks: "reject",
  } as const;
  return transaction({ event, files: [[requestPath(id), request]] });
}

export function groupOf(
  kind: Group,
  { id, at, runner }: { id: string; at: string; runner: string },
): Transaction {
  if (kind === "fact") return factOf(id, at);
  return claimed(claim([], { runner, runs: ["run"], now: at }), at);
}
