import { expect, test } from "vitest";
import { parseTemplateText } from "#runner/core/expression/expression-text.ts";

test.for([
  ["plain", ["plain"]],
  ["", []],
  ["${{ a }}", [[" a ", 3]]],
  ["x ${{ a }} y ${{b}}", ["x ", [" a ", 5], " y ", ["b", 16]]],
  ["$${{ a }} $$", ["${{ a }} $$"]],
  ["$${{ ${{ a }}", ["${{ ", [" a ", 8]]],
  ["$ { {{ }} ${ {", ["$ { {{ }} ${ {"]],
  ["${{ '}}' }}", [[" '}}' ", 3]]],
  ['${{ "\\"}}" }}', [[' "\\"}}" ', 3]]],
  ["${{ r'\\' }}!", [[" r'\\' ", 3], "!"]],
  ["${{ '''a'}}''' }}", [[" '''a'}}''' ", 3]]],
  ["${{ {'a': {'b': 1}} }}", [[" {'a': {'b': 1}} ", 3]]],
  ["${{ {'a': {'b': 1}}}}", [[" {'a': {'b': 1}}", 3]]],
] as const)("%j is read part by part", ([text, expected]) => {
  const template = parseTemplateText(text);
  const parts = template.ok
    ? template.parts.map((part) =>
        part.kind === "literal" ? part.text : [part.source, part.offset],
      )
    : template.errors;

  expect(parts).toEqual(expected);
});

test.for([
  ["a ${{ b", 2],
  ["${{ a }} ${{ '}}", 9],
  ["${{ {'a': 1 }}", 0],
] as const)("%j is refused: the expression that begins at %d is never closed", ([text, offset]) => {
  expect(parseTemplateText(text)).toEqual({
    ok: false,
    errors: [
      { message: expect.stringContaining("never closed"), offset, length: text.length - offset },
    ],
  });
});
