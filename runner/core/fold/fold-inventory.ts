/** What a project owns on main, what of that a person has changed, and what an operator has refused. */
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import type { Inventory } from "#runner/schema/types.gen.ts";

export function foldInventory(inventory: Inventory, event: LedgerEvent): Inventory {
  if (event.kind === "files-delivered") {
    return withoutEdits(
      { ...inventory, owned: { ...inventory.owned, ...event.owned } },
      event.owned,
    );
  }
  if (event.kind === "edits-adopted") return foldEdits(inventory, event);
  return event.kind === "gate-settled" ? foldDecision(inventory, event) : inventory;
}

function foldDecision(inventory: Inventory, event: EventOf<"gate-settled">): Inventory {
  // Nobody refused what expired, was taken back or gave way to something newer: it may be shown again.
  const isAnswer = event.decision === "rejected" || event.decision === "approved";
  const digests = isAnswer ? event.refused : [];
  const known = new Map(Object.entries(inventory.refused));
  for (const digest of event.pardoned ?? []) known.delete(digest);
  for (const digest of digests) known.set(digest, event.at);
  const owned = { ...inventory.owned, ...event.owned };
  return { ...inventory, owned, refused: Object.fromEntries(known) };
}

/** What a person made of a file is what was delivered last, as far as later deliveries go. */
function foldEdits(
  inventory: Inventory,
  { at, commit, edits }: EventOf<"edits-adopted">,
): Inventory {
  const owned = new Map(Object.entries(inventory.owned));
  const edited = new Map(Object.entries(inventory.edited ?? {}));
  for (const { path, from, to, by } of edits) {
    if (to === null) owned.delete(path);
    else owned.set(path, to);
    edited.set(path, { by, at, commit, from, to });
  }
  return { ...inventory, owned: Object.fromEntries(owned), edited: Object.fromEntries(edited) };
}

/** A delivery that was made with the edit in view ends what is told of it. */
function withoutEdits(
  { edited, ...inventory }: Inventory,
  delivered: Readonly<Record<string, string>>,
): Inventory {
  const left = Object.entries(edited ?? {}).filter(([path]) => !Object.hasOwn(delivered, path));
  return left.length === 0 ? inventory : { ...inventory, edited: Object.fromEntries(left) };
}
