/** Building transactions. */
import { canonicalJson, digestOfBytes } from "./canonical-json.ts";
import type { LedgerEvent, PayloadBlob, Transaction } from "./ledger-event.ts";
import type { Citation } from "#runner/schema/types.gen.ts";

const encoder = new TextEncoder();

/** A payload under construction: values and files that records cite by digest and month. */
export class PayloadDraft {
  readonly blobs: PayloadBlob[] = [];
  readonly values = new Map<string, unknown>();
  readonly #month: string;

  constructor(at: string) {
    this.#month = at.slice(0, 7);
  }

  /** Adds a JSON value; expressions can read it at once. */
  addValue(value: unknown): Citation {
    const citation = this.addBytes(encoder.encode(canonicalJson(value)));
    this.values.set(citation.digest, value);
    return citation;
  }

  addBytes(content: Uint8Array): Citation {
    const digest = digestOfBytes(content);
    this.blobs.push({ month: this.#month, digest, content });
    return { digest, month: this.#month };
  }
}

interface Parts {
  readonly event: LedgerEvent;
  readonly files?: readonly (readonly [path: string, record: object | null])[];
  readonly texts?: Transaction["texts"];
  readonly payload?: PayloadDraft;
  readonly change?: Transaction["change"];
}

export function transaction({ event, files = [], texts, payload, change }: Parts): Transaction {
  return {
    event,
    files: new Map(files),
    texts: texts ?? new Map(),
    payload: payload?.blobs ?? [],
    values: payload?.values ?? new Map(),
    change: change ?? { kind: "none" },
  };
}
