/** Facts that planning found missing: they are looked up, and it is planned again. */

/** Whether the result of a unit stands there under its step key. */
export interface CachedWant {
  readonly kind: "cached";
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly agent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A fact that planning found missing: a record of an external effect or of an item that was handed over, what main holds at a path, or what needs the payload of a month. */
export type Want =
  | { readonly kind: "receipt"; readonly base: string }
  | { readonly kind: "handled"; readonly run: string }
  | CachedWant
  | { readonly kind: "payload-need"; readonly month: string; readonly since: string }
  | { readonly kind: "main-blob"; readonly path: string };
