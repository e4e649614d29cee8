import { expect, test } from "vitest";
import * as fc from "fast-check";
import { canonicalJson, digestOf, digestOfBytes } from "#runner/core/canonical-json.ts";

test("the example of RFC 8785, section 3.2.2", () => {
  const value = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };

  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("the sorting example of RFC 8785, section 3.2.3: by UTF-16 code units", () => {
  const names = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
  const value = Object.fromEntries(names.map((name) => [name, 0]));

  const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
  expect(canonicalJson(value)).toBe(
    `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`,
  );
});

// RFC 8785, appendix B.
test.each([
  [0, "0"],
  [-0, "0"],
  [5e-324, "5e-324"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [9007199254740992, "9007199254740992"],
  [295147905179352830000, "295147905179352830000"],
  [1e21, "1e+21"],
  [9.999999999999997e22, "9.999999999999997e+22"],
  [0.000001, "0.000001"],
  [1e-7, "1e-7"],
  [333333333.3333332, "333333333.3333332"],
])("the number %d is written %s", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("a member that is undefined is left out, an element is null", () => {
  expect(canonicalJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
});

test("the text reads back as the value, and the order of members does not matter", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // V8 reads the name `"` as `\` where an object before had that one in the same place.
      fc.pre(!JSON.stringify(value).includes(String.raw`\\`));
      const plain: unknown = JSON.parse(JSON.stringify(value));
      const text = canonicalJson(plain);

      expect(JSON.parse(text)).toEqual(plain);
      expect(canonicalJson(reversed(plain))).toBe(text);
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

test("digests are SHA-256 of the canonical text", () => {
  expect(digestOf({})).toBe(
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  );
  expect(digestOfBytes("")).toBe(
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});
