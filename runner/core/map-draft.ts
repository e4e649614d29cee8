/** A map that changes are made to: copied once for all of them, and the same map where nothing changes. */
export class MapDraft<Value> {
  #before: ReadonlyMap<string, Value>;
  #after: Map<string, Value> | null = null;

  constructor(before: ReadonlyMap<string, Value>) {
    this.#before = before;
  }

  get(key: string): Value | undefined {
    return (this.#after ?? this.#before).get(key);
  }

  has(key: string): boolean {
    return (this.#after ?? this.#before).has(key);
  }

  set(key: string, value: Value): void {
    if (this.get(key) === value && this.has(key)) return;
    this.#after ??= new Map(this.#before);
    this.#after.set(key, value);
  }

  delete(key: string): void {
    if (!this.has(key)) return;
    this.#after ??= new Map(this.#before);
    this.#after.delete(key);
  }

  /** The map after all changes so far; later ones leave it as it is. */
  done(): ReadonlyMap<string, Value> {
    this.#before = this.#after ?? this.#before;
    this.#after = null;
    return this.#before;
  }
}
