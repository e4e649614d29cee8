import { expect, test } from "vitest";
import {
  remarkedBy,
  reviewsIn,
  spokenOn,
  type Floor,
  type Remark,
} from "#runner/core/forge/spoken.ts";

const HEAD = "a".repeat(40);
const EDITED = "b".repeat(40);

function said(text: string, more: Partial<Remark> = {}): Remark {
  return { id: 1, login: "ada", isBot: false, text, at: "1", isEdited: false, ...more };
}

function verdicts(remarks: readonly Remark[], more: Partial<Floor> = {}): readonly string[] {
  const operators = [
    { email: "ada@northwind.example", login: "ada" },
    { email: "bea@northwind.example", login: "bea" },
  ];
  const floor = {
    gate: { head: HEAD, places: null },
    head: HEAD,
    cut: [],
    operators,
    writers: ["ada", "eve"],
  };
  return spokenOn({ ...floor, remarks, ...more }).map(({ verdict }) => verdict);
}

test.each<[string, Partial<Remark>, readonly string[]]>([
  ["an operator who may write", {}, ["heard"]],
  ["an operator who may not write", { login: "bea" }, ["stranger"]],
  ["somebody who may write and is no operator", { login: "eve" }, ["stranger"]],
  ["a bot of an operator's name", { isBot: true }, []],
  ["an operator who has changed the comment since", { isEdited: true }, ["edited"]],
])("An approval by %s counts accordingly.", (_, more, expected) => {
  expect(verdicts([said("/fettle approve", more)])).toEqual(expected);
});

test("An approval is of the proposal as it was made, or of the commit that it names.", () => {
  const now = { head: EDITED, cut: null };

  expect(verdicts([said("/fettle approve")], now)).toEqual(["moved"]);
  expect(verdicts([said(`/fettle approve ${HEAD}`)], now)).toEqual(["moved"]);
  expect(verdicts([said(`/fettle approve ${EDITED}`)], now)).toEqual(["heard"]);
});

test("Of all answers the last one counts; what is no answer takes none back.", () => {
  const remarks = ["/fettle approve", "/fettle reject no", "/fettle explain", "/fettle what"];

  expect(verdicts(remarks.map((text) => said(text)))).toEqual([
    "overruled",
    "heard",
    "heard",
    "unknown",
  ]);
});

test("A heard approval is a review of what stands there.", () => {
  const operators = [{ email: "ada@northwind.example", login: "ada" }];
  const floor = {
    gate: { head: HEAD, places: null },
    head: HEAD,
    cut: [],
    operators,
    writers: ["ada"],
  };
  const spoken = spokenOn({
    ...floor,
    remarks: [said("/fettle approve"), said("/fettle explain")],
  });

  expect(reviewsIn(spoken, HEAD)).toEqual([
    { login: "ada", isBot: false, state: "approved", commit: HEAD, at: "1", text: "" },
  ]);
});

const ADA = { email: "ada@northwind.example", login: "ada" };

test.each<[string, Partial<Remark>, string | null]>([
  ["/fettle approve", {}, null],
  ["/fettle explain", {}, null],
  ["/fettle reject no", {}, ADA.email],
  ["/fettel reject", {}, ADA.email],
  ["/fettle rejct", {}, ADA.email],
  ["not like this", {}, ADA.email],
  ["/fettle approve", { isEdited: true }, ADA.email],
  ["not like this", { login: "eve" }, null],
  ["not like this", { isBot: true }, null],
  ["<!-- fettle:answers -->\nnot carried out", {}, null],
])("%j (%j) may be an objection: %j", (text, more, by) => {
  const remarks = [said(text, more)];

  expect(remarkedBy({ remarks, reviews: [], operators: [ADA] })).toBe(by);
});

test.each([
  ["commented", ADA.email],
  ["changes-requested", ADA.email],
  ["approved", null],
  ["dismissed", null],
] as const)("a review that is %s may be an objection of %s", (state, by) => {
  const review = { login: "ada", isBot: false, state, commit: HEAD, at: "1", text: "" };

  expect(remarkedBy({ remarks: [], reviews: [review], operators: [ADA] })).toBe(by);
});

test("where an operator has no login, any person's word may be that operator's", () => {
  const operators = [ADA, { email: "bea@northwind.example" }];

  expect(remarkedBy({ remarks: [said("no", { login: "b" })], reviews: [], operators })).toBe("b");
});

const BRIEFING = { gate: { head: HEAD, places: [1, 2, 3] } };

test.each<[string, string, Partial<Floor>, string]>([
  ["as it was proposed", "approve all but 3", BRIEFING, "cutting"],
  [
    "with exactly that rejected",
    "approve all but 3",
    { ...BRIEFING, head: EDITED, cut: [3] },
    "heard",
  ],
  [
    "with something else rejected",
    "approve all but 3",
    { ...BRIEFING, head: EDITED, cut: [2] },
    "moved",
  ],
  ["with other changes", "approve all but 3", { ...BRIEFING, head: EDITED, cut: null }, "moved"],
  ["without such a number", "approve all but 4", BRIEFING, "no-place"],
  ["that is no briefing", "approve all but 3", {}, "no-place"],
  [
    "whose third was settled meanwhile",
    "approve all but 3",
    { gate: { head: HEAD, places: [1, 2] }, head: EDITED, cut: [] },
    "heard",
  ],
  ["with a rejection in it", "approve", { ...BRIEFING, head: EDITED, cut: [3] }, "moved"],
  ["that is open", "reject 3", BRIEFING, "heard"],
  ["without such a number, too,", "reject 4 no", BRIEFING, "no-place"],
  ["that is no briefing, too,", "reject 4 times is too much", {}, "heard"],
])("A briefing %s is answered by %s accordingly.", (_, command, floor, expected) => {
  expect(verdicts([said(`/fettle ${command}`)], floor)).toEqual([expected]);
});
