/** What an operator has stopped goes on by the word of one. */
import type { Observed } from "#runner/core/model.ts";
import { requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import { bookAtOnce, type BookedAtOnce } from "./book-at-once.ts";
import type { Engine } from "./engine.ts";

interface Lifted {
  readonly observed: Observed;
  readonly stops: readonly StopRequest[];
  /** E-mail. */
  readonly by: string;
}

export async function liftStops(
  engine: Engine,
  { observed, stops, by }: Lifted,
  signal: AbortSignal,
): Promise<BookedAtOnce> {
  const at = engine.clock();
  const transactions = stops.map(({ id, project = "" }) =>
    transaction({
      event: { kind: "request-settled", at, project, request: id, reason: `${by} lets it go on` },
      files: [[requestPath(id), null]],
    }),
  );
  const { summaries } = observed;
  return bookAtOnce(engine, { summaries, transactions, refs: [] }, signal);
}
