/** Delivery: what is ready goes to main in one commit, together with the state that says so. */
import { secondsOf } from "#runner/core/time/instant.ts";
import type { Deliver } from "#runner/core/action.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import { deliver, type Delivered } from "#runner/repo/delivery.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { StateOutcome } from "#runner/repo/state-store.ts";
import type { PendingDelivery } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { book, type Booking } from "./ledger.ts";
import { publishPending } from "./publish-pending.ts";
import { NEVER } from "./unless-stopped.ts";

/** What became of a delivery; `set-aside`: no work tree was moved. */
export type DeliveryOutcome =
  | Delivered<StateOutcome>
  | { readonly kind: "set-aside"; readonly moved: StateOutcome };

/** One commit for all projects; main, state and the operator's work tree move together or not at all. */
export async function carryDeliveries(
  engine: Engine,
  view: View,
  actions: readonly Deliver[],
): Promise<DeliveryOutcome> {
  const at = engine.clock();
  const from = view.workspace.commit;
  const files = actions.flatMap((action) => filesOf(view, action));
  const to = files.length === 0 ? from : await commitOf(engine, { from, at, actions, files });
  const transactions = actions.map((action) => transactionOf(view, action, { at, commit: to }));
  const refs = from === to ? [] : [{ ref: MAIN, from, to }];
  const move = (): Promise<StateOutcome> =>
    bookAndPublish(engine, { summaries: view.observed.summaries, transactions, refs });
  const { repository } = engine;
  // Where this clone's main is not the authority's, the operator brings it along with git pull.
  if (from === to || readRefs(repository).get(MAIN) !== from) {
    const moved = await move();
    return { kind: hasMoved(moved) ? "set-aside" : "not-moved", moved };
  }
  return deliver({ repository, from, to, move, hasMoved });
}

/** With an origin main moves there first; a delivery that was not accepted has not happened. */
async function bookAndPublish(engine: Engine, booking: Booking): Promise<StateOutcome> {
  const { outcome: moved } = await book(engine.store, booking);
  if (moved.kind !== "committed") return moved;
  const published = await publishPending(engine, NEVER);
  if (published.ok && !published.isRebuilt) return moved;
  await engine.store.discardPending();
  return { kind: "raced", ref: MAIN, actual: undefined };
}

function hasMoved({ kind }: StateOutcome): boolean {
  return kind === "committed";
}

function filesOf(view: View, action: Deliver): readonly PendingDelivery[] {
  const pending = view.observed.summaries.projects.get(action.project)?.pending ?? [];
  return pending.filter((file) => action.paths.includes(file.path));
}

interface MainCommit {
  readonly from: string;
  readonly at: string;
  readonly actions: readonly Deliver[];
  readonly files: readonly PendingDelivery[];
}

function commitOf(engine: Engine, { from, at, actions, files }: MainCommit): Promise<string> {
  const runs = [...new Set(files.map(({ run }) => run))];
  const projects = actions.map(({ project }) => project).join(", ");
  const subject = `Deliver ${files.length} ${files.length === 1 ? "file" : "files"} for ${projects}`;
  const changes = files.map(({ path, blob }): FileChange => ({ path, oid: blob }));
  return engine.store.buildCommit({
    parent: from,
    files: changes,
    message: `${subject}\n\n${runs.map((run) => `Fettle-Run: ${run}\n`).join("")}`,
    at: secondsOf(at),
  });
}

function transactionOf(
  view: View,
  action: Deliver,
  { at, commit }: { readonly at: string; readonly commit: string },
): Transaction {
  const owned = Object.fromEntries(filesOf(view, action).map(({ path, blob }) => [path, blob]));
  const event: LedgerEvent = {
    kind: "files-delivered",
    at,
    project: action.project,
    commit,
    owned,
    setAside: action.setAside,
    seen: action.seen,
  };
  return transaction({ event });
}
