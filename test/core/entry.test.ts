import { expect, test } from "vitest";
import { entryOf } from "#runner/core/entry.ts";

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "%s is an entry only where a table holds it itself",
  (name) => {
    expect(entryOf({}, name)).toBeUndefined();
    expect(entryOf(undefined, name)).toBeUndefined();
    expect(entryOf(JSON.parse(`{"${name}":1}`), name)).toBe(1);
  },
);
