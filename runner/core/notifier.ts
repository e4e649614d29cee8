/** Where a word goes outside of the terminal. */
import type { Notification } from "./notification.ts";
import type { Notify } from "#runner/schema/types.gen.ts";

export type Sent =
  | { readonly kind: "sent" }
  /** Nothing of it has arrived. */
  | { readonly kind: "refused"; readonly why: string }
  /** Nobody knows; saying it twice would be once too often. */
  | { readonly kind: "unknown"; readonly why: string };

export interface Notifier {
  /** `secrets` by name; whoever sends takes the one that `notify` names and no other. */
  readonly send: (word: Word, secrets: Secrets, signal: AbortSignal) => Promise<Sent>;
  /** Says that there was a tick. */
  readonly ping: (address: string, secrets: Secrets, signal: AbortSignal) => Promise<Sent>;
}

export interface Word {
  readonly notify: Notify;
  readonly notification: Notification;
  readonly workspace: string;
}

type Secrets = Readonly<Record<string, string>>;
