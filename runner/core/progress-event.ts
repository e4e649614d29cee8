/** What is told to whoever watches while it happens, stored or not. */
import type { LedgerEvent } from "./ledger-event.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** An attempt begins; told to whoever watches, never stored. */
export interface StepStarted {
  readonly kind: "step-started";
  readonly at: string;
  readonly project: string;
  readonly run: string;
  readonly pipeline: string;
  readonly step: string;
  readonly item: string | null;
  readonly attempt: number;
  readonly iteration?: number;
  readonly agent: string;
}

/** A result came too late to be kept: the run had gone on elsewhere, or was over; told to whoever watches, never stored. */
export interface ResultOvertaken {
  readonly kind: "result-overtaken";
  readonly at: string;
  readonly project: string;
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly outcome: NonNullable<AttemptRecord["outcome"]>;
}

/** What is told while it happens: what is booked, that a step has begun, and what came too late. */
export type ProgressEvent = LedgerEvent | StepStarted | ResultOvertaken;
