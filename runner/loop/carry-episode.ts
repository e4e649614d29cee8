/** The end of a run with what it tells of itself, which goes to main like other memory. */
import { blobId } from "#runner/core/blob-id.ts";
import type { RunFinish } from "#runner/core/action.ts";
import { episodeLines, episodePath, renderEpisode } from "#runner/core/episode.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import type { Engine, View } from "./engine.ts";

export function withEpisodes(
  { repository }: Engine,
  { observed }: View,
  { action, end }: { readonly action: RunFinish; readonly end: Transaction },
): Transaction {
  const run = observed.runs.get(action.run);
  const { event } = end;
  if (action.episodes !== true || run === undefined || event.kind !== "run-finished") return end;
  const lines = episodeLines(run);
  const [last] = lines.slice(-1);
  if (last === undefined) return end;
  const payload = new PayloadDraft(event.at);
  const content = new TextEncoder().encode(renderEpisode(lines));
  const file = {
    path: episodePath(run),
    content: payload.addBytes(content),
    blob: blobId(content, repository.objectFormat),
    was: null,
    bytes: content.byteLength,
    run: action.run,
    step: last.step,
    memory: true,
  };
  return {
    ...end,
    event: { ...event, pending: [file] },
    payload: [...end.payload, ...payload.blobs],
  };
}
