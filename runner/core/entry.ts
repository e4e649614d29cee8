/** The entry of a table, looked up by a name from outside: `constructor` is a name, not what every object inherits. */
export function entryOf<Value>(
  table: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
