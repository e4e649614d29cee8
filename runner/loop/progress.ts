/** Whether what is booked changes what is planned next. */
import type { Action } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";

export class Progress {
  #last = "";

  /** An action that is planned again after it was booked would be booked for ever. */
  expect(actions: readonly Action[]): void {
    const digest = digestOf(actions);
    if (digest === this.#last) {
      throw new Error(`the plan does not progress: ${actions.map(({ kind }) => kind).join(", ")}`);
    }
    this.#last = digest;
  }

  /** The state is another by now: the same may be due again. */
  forget(): void {
    this.#last = "";
  }
}
