/** The record that an operator names. */
import { findNamed } from "#runner/core/suggest.ts";
import type { StoredMemory } from "./memory-file.ts";

export type NamedMemory<Known> =
  | { readonly ok: true; readonly memory: Known }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** With `mem_`, which may be left out. */
export function wholeId(word: string): string {
  return word.startsWith("mem_") || word.includes("#") ? word : `mem_${word}`;
}

/** By its id, or by the unambiguous start of it, with or without `mem_`. */
export function namedMemory<Known extends Pick<StoredMemory, "id">>(
  word: string,
  records: readonly Known[],
): NamedMemory<Known> {
  const named = records.map((memory) => ({ name: memory.id, memory }));
  const meant = findNamed(wholeId(word), named, { byStart: true });
  switch (meant.kind) {
    case "found":
      return { ok: true, memory: meant.found.memory };
    case "ambiguous": {
      const hint = `it may be any of ${meant.names.join(", ")}`;
      return { ok: false, message: `${word} means several records`, hint };
    }
    case "unknown": {
      const near = meant.closest;
      const hint =
        near === null ? "fettle memory list --all   names them" : `did you mean ${near}?`;
      return { ok: false, message: `there is no record ${word}`, hint };
    }
  }
}
