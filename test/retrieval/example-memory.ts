/** Small memories for tests of retrieval. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";

type More = Partial<StoredMemory["record"]> & { readonly namespace?: string };

export const NOON = "2026-11-22T12:00:00.000Z";

/** A record of a file of its own, recorded at NOON. */
export function record(id: string, text: string, more: More = {}): StoredMemory {
  const { namespace = "letters", ...rest } = more;
  const kind = rest.kind ?? "fact";
  return {
    id,
    namespace,
    path: `memory/${namespace}/${kind}/2026-11/${id}.md`,
    blob: `blob-${id}`,
    record: { kind, subject: "studio", recordedAt: NOON, ...rest },
    text,
  };
}

/** The lines of a run, `<run>#1` and so on. */
export function run(name: string, texts: readonly string[], more: More = {}): StoredMemory[] {
  return texts.map((text, at) => ({
    ...record(`${name}#${at + 1}`, text, { kind: "episode", ...more }),
    path: `memory/letters/episode/2026/11/${name}.jsonl`,
    blob: `blob-${name}`,
    run: name,
    seq: at + 1,
  }));
}
