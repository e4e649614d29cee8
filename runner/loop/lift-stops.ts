/** What an operator has stopped goes on by the word of one. */
import type { Observed } from "#runner/core/model.ts";
import type { CommentHeard } from "#runner/core/request-event.ts";
import { requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import { bookAtOnce, type BookedAtOnce } from "./book-at-once.ts";
import type { Engine } from "./engine.ts";

export interface Lifted {
  readonly observed: Observed;
  readonly stops: readonly StopRequest[];
  /** E-mail. */
  readonly by: string;
  /** Where it was said in one, which lifts nothing a second time. */
  readonly comment?: CommentHeard;
}

export async function liftStops(
  engine: Engine,
  { observed, stops, by, comment }: Lifted,
  signal: AbortSignal,
): Promise<BookedAtOnce> {
  const at = engine.clock();
  const from = comment === undefined ? {} : { comment };
  const reason = `${by} lets it go on`;
  const transactions = stops.map(({ id, project = "" }) =>
    transaction({
      event: { kind: "request-settled", at, project, request: id, reason, ...from },
      files: [[requestPath(id), null]],
    }),
  );
  const { summaries } = observed;
  return bookAtOnce(engine, { summaries, transactions, refs: [] }, signal);
}
