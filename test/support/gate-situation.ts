/** An open gate as git and a forge show it, and the state that follows. */
import type { ForgeFacts } from "#runner/core/forge/forge-facts.ts";
import { decide, type Decidable, type GateState } from "#runner/core/gate/gate-state.ts";
import type { GateFacts } from "#runner/core/model.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { NOW } from "./core-builders.ts";
import { ADA, BLOB, gateItem, MAIN, openGate, says } from "./core-records.ts";

type OnMain = NonNullable<GateFacts["onMain"]>;

const PLAN = "sha256:1";
export const item = gateItem("a", { text: "A" });
const operators: Decidable["operators"] = [{ email: ADA, login: "ada-northwind" }];

/** What is not said is as nothing had happened. */
export interface Situation extends Partial<Omit<GateFacts, "onMain" | "forge">> {
  readonly record?: Partial<GateRecord>;
  readonly onMain?: Partial<OnMain>;
  readonly forge?: Partial<ForgeFacts>;
  readonly rejection?: Decidable["rejection"];
  /** null: the gate was opened when none was noted. */
  readonly planDigest?: null;
}

const OPEN: ForgeFacts = {
  state: "open",
  closedBy: null,
  mergedBy: null,
  reviews: [],
  mergeable: true,
  draft: false,
};

function merged(changes: Partial<OnMain>): OnMain {
  return {
    commit: MAIN,
    approver: ADA,
    says: { ...says("approved"), planDigest: PLAN },
    items: new Map([[item.path, { blob: BLOB, outputs: { text: "A" }, problem: null }]]),
    deliverables: new Map(),
    ...changes,
  };
}

export function stateOf({
  record,
  onMain,
  forge,
  rejection,
  planDigest,
  ...facts
}: Situation): GateState {
  const gate = openGate(
    { items: [item], ...(planDigest === null ? {} : { planDigest: PLAN }), ...record },
    {
      ...facts,
      onMain: onMain === undefined ? null : merged(onMain),
      forge: forge === undefined ? null : { ...OPEN, ...forge },
    },
  );
  return decide({
    gate,
    operators,
    policy: undefined,
    putOff: null,
    rejection,
    now: NOW,
  });
}
