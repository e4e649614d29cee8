import { expect, test } from "vitest";
import { packLanes, type Parcel } from "#runner/core/lane/lane-pack.ts";

const MINUTE = 60_000;

function parcels(
  count: number,
  more: Partial<Parcel> & { readonly minutes?: number } = {},
): Parcel[] {
  const { minutes = 2, ...rest } = more;
  return Array.from({ length: count }, (_, index) => ({
    secrets: [],
    ms: minutes * MINUTE,
    mostMs: 10 * MINUTE,
    limits: [{ of: `run${index}`, most: 4 }],
    ...rest,
  }));
}

/** Steps by lane and place. */
function shape({ lanes }: ReturnType<typeof packLanes>): readonly (readonly number[])[] {
  return lanes.map(({ places }) => places.map((place) => place.length));
}

const WIDE = [{ of: "step", most: 100 }];
const NARROW = [{ of: "step", most: 2 }];

test.each([
  ["nothing needs no lane", parcels(0), 8, []],
  ["one step is one lane", parcels(1), 8, [[1]]],
  ["few short steps share a machine, beside each other", parcels(4), 8, [[1, 1, 1, 1]]],
  [
    "more of them follow in the same machine as long as it stays short",
    parcels(8),
    8,
    [[2, 2, 2, 2]],
  ],
  [
    "long ones get machines of their own",
    parcels(6, { minutes: 14 }),
    8,
    [
      [1, 1, 1, 1],
      [1, 1],
    ],
  ],
  [
    "no more machines than there may be",
    parcels(9, { minutes: 14 }),
    2,
    [
      [2, 1, 1, 1],
      [1, 1, 1, 1],
    ],
  ],
  [
    "a step is in as few places as it may have beside each other",
    parcels(6, { limits: NARROW }),
    8,
    [[3, 3]],
  ],
  ["a limit holds across machines", parcels(6, { limits: NARROW, minutes: 14 }), 8, [[3, 3]]],
])("%s", (_, items, most, expected) => {
  expect(shape(packLanes(items, most))).toEqual(expected);
});

test("A lane holds only steps with the same secrets.", () => {
  const items = [
    ...parcels(2, { secrets: ["KEY"] }),
    ...parcels(2, { secrets: [] }),
    ...parcels(1, { secrets: ["KEY", "SMTP"] }),
  ];

  const { lanes } = packLanes(items, 8);

  for (const { secrets, places } of lanes) {
    for (const item of places.flat()) expect(item.secrets).toEqual(secrets);
  }
  expect(lanes.map(({ secrets }) => secrets)).toEqual([["KEY"], [], ["KEY", "SMTP"]]);
});

test("Steps whose secrets need a lane that is not to be had wait for the next wave.", () => {
  const items = [...parcels(1, { secrets: ["KEY"] }), ...parcels(2)];

  const { lanes, overflow } = packLanes(items, 1);

  expect(lanes).toHaveLength(1);
  expect(overflow).toHaveLength(2);
});

test("What at its limit would outlast a machine waits for the next wave, and one step alone never does.", () => {
  const items = parcels(9, { mostMs: 100 * MINUTE, limits: WIDE });
  const day = parcels(1, { mostMs: 24 * 60 * MINUTE });

  const packed = packLanes(items, 1);

  expect(shape(packed)).toEqual([[3, 2, 2, 2]]);
  expect(packLanes(parcels(14, { mostMs: 100 * MINUTE, limits: WIDE }), 1).overflow).toHaveLength(
    2,
  );
  expect(shape(packLanes(day, 1))).toEqual([[1]]);
});

test("The forecast of a lane is that of its longest place, with the start of a machine.", () => {
  const [lane] = packLanes([...parcels(4), ...parcels(1, { minutes: 1 })], 8).lanes;

  expect(lane?.ms).toBe(3.5 * MINUTE);
  expect(lane?.mostMs).toBe(20.5 * MINUTE);
});
