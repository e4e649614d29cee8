/** What the steps of this tick remember: steps that run beside each other must not both remember the same thing. */
import type { AdmittedMemory } from "#runner/core/memory/memory-admission.ts";

export class Remembered {
  readonly #byNamespace = new Map<string, readonly AdmittedMemory[]>();

  /** What has been admitted in this tick, in order. */
  in(namespace: string): readonly AdmittedMemory[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  add(namespace: string, admitted: readonly AdmittedMemory[]): void {
    this.#byNamespace.set(namespace, [...this.in(namespace), ...admitted]);
  }
}
