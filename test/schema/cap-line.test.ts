import { expect, test } from "vitest";
import { withCap } from "#runner/schema/cap-line.ts";

const FILE = `# What we may spend.
apiVersion: fettle/v1
operators: [{ email: ada@northwind.example }]
budget:
  - { per: day, requests: 100 } # never more
  - per: day
    usd: 0.50   # half a dollar
    warnAt: 0.5
  - { usd: 40, per: month }
`;

test.each([
  [{ per: "day", field: "usd" }, "0.8", 7, "usd: 0.8   # half a dollar"],
  [{ per: "month", field: "usd" }, "60", 9, "- { usd: 60, per: month }"],
  [{ per: "day", field: "requests" }, "200", 5, "- { per: day, requests: 200 } # never more"],
])("The amount of %o changes where it stands, and nothing else does.", (cap, to, line, after) => {
  const changed = withCap(FILE, cap, to);

  expect(changed).toMatchObject({ line, after });
  const untouched = (text: string): readonly string[] =>
    text.split("\n").filter((_, index) => index !== line - 1);
  expect(untouched(changed?.text ?? "")).toEqual(untouched(FILE));
});

test("What a file does not limit is not changed.", () => {
  expect(withCap(FILE, { per: "week", field: "usd" }, "1")).toBeUndefined();
  expect(withCap("apiVersion: fettle/v1\n", { per: "day", field: "usd" }, "1")).toBeUndefined();
});
