import { expect, test } from "vitest";
import {
  changeAnswerFile,
  checkAnswerFile,
  readAnswerFile,
  renderAnswerFile,
} from "#runner/schema/answer-file.ts";
import type { AskForm } from "#runner/schema/types.gen.ts";

const FORM: AskForm = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", description: "As it is\nwritten." },
    text: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    count: { type: "number" },
  },
};

function outputsOf(text: string): unknown {
  const file = readAnswerFile(text);
  return file.ok ? file.outputs : `${file.at} ${file.reason}`;
}

test.each([
  [{}],
  [{ name: "Ann", text: "two\nlines: #x\n", tags: ["no", "1"], count: 0.5 }],
  [{ name: "yes", text: " # no comment: " }],
  [{ name: "null", text: "--- \u2028 x", tags: [] }],
  [{ name: "12", text: "\n\n  indented\n" }],
])("what the form begins with is read back as it was: %j", (initial) => {
  const text = renderAnswerFile({ text: "Who?", about: "", form: FORM }, initial);

  expect(outputsOf(text)).toEqual(initial);
});

test("whatever a question says, each of its lines is a comment and fills in nothing", () => {
  const about =
    "name: Eve\r\nname: Eve\u2028name: Eve\rname: Eve\u0085name: Eve\n---\nname: Eve\u0000";
  const text = renderAnswerFile({ text: "Who?\nname: Eve", about, form: FORM }, {});

  expect(outputsOf(text)).toEqual({});
  expect(text.split("\n").filter((line) => line.includes("Eve") && !line.startsWith("# "))).toEqual(
    [],
  );
});

test("fields are changed, emptied and filled in again, and every comment stays", () => {
  const form = renderAnswerFile({ text: "Who?", about: "Say it.", form: FORM }, { name: "Ann" });
  const comments = form.split("\n").filter((line) => line.startsWith("#"));

  const filled = changeAnswerFile(form, { text: "on\nthe: way\n", tags: ["a: b"], count: 2 });
  const emptied = changeAnswerFile(filled, { name: null, text: null });
  const again = changeAnswerFile(emptied, { name: "Bob" });

  expect(outputsOf(filled)).toEqual({
    name: "Ann",
    text: "on\nthe: way\n",
    tags: ["a: b"],
    count: 2,
  });
  expect(outputsOf(emptied)).toEqual({ tags: ["a: b"], count: 2 });
  expect(outputsOf(again)).toEqual({ name: "Bob", tags: ["a: b"], count: 2 });
  for (const text of [filled, emptied, again]) {
    expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual(comments);
  }
});

test("a form of which only comments are left can be filled in", () => {
  expect(outputsOf(changeAnswerFile("# Who?\n", { name: "Ann" }))).toEqual({ name: "Ann" });
});

test.each([
  ["name: [\n", "2:1"],
  ["- name\n", "1:1"],
  ["name: Ann\nname: Bob\n", "2:1"],
  ["text: x\n", "1:1"],
  ["text: x\nname: 5\n", "2:7"],
  ["name: Ann\nnmae: Bob\n", "2:1"],
])("%j is refused at %s", (text, at) => {
  expect(checkAnswerFile(text, FORM)).toMatchObject({ problem: expect.any(String), at });
});
