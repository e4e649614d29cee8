/** The last run of a pipeline, which failed. */
export interface FailedRun {
  /** `<project>/<pipeline>`. */
  readonly of: string;
  readonly id: string;
  readonly endedAt: string;
  /** Empty where it is no longer kept at the tip of the state. */
  readonly reason: string;
}
