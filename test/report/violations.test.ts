import { expect, test } from "vitest";
import { renderViolations, type ViolationReport } from "#runner/report/violations.ts";
import { dangersIn, hostile } from "./hostile.ts";
import { look } from "./example.ts";
import type { Violation } from "#runner/schema/violation.ts";

const file = "agents/writer/agent.yaml";
const source = "apiVersion: fettle/v1\nrole: Writes.\nruntme: { model: default }\n";

function violation(changes: Partial<Violation> = {}): Violation {
  return {
    code: "schema/unknown-key",
    severity: "error",
    file,
    line: 3,
    col: 1,
    endLine: 3,
    endCol: 7,
    message: "unknown key: runtme",
    hint: 'did you mean "runtime"?',
    ...changes,
  };
}

const warning = violation({ severity: "warning", code: "budget/unreachable", hint: "" });

function report(violations: readonly Violation[]): ViolationReport {
  return { violations, sources: new Map([[file, source]]), checked: 23 };
}

test("text: place, code, message, frame and what was meant", () => {
  expect(renderViolations(report([violation(), warning]), "text", look)).toMatchInlineSnapshot(`
    "agents/writer/agent.yaml:3:1  error  schema/unknown-key
      unknown key: runtme
       2 │ role: Writes.
     › 3 │ runtme: { model: default }
         │ ^^^^^^ did you mean "runtime"?
       4 │

    agents/writer/agent.yaml:3:1  warning  budget/unreachable
      unknown key: runtme
       2 │ role: Writes.
     › 3 │ runtme: { model: default }
         │ ^^^^^^
       4 │

    1 error, 1 warning in 1 of 23 files
    "
  `);
});

test("without the source the hint has its own line", () => {
  const text = renderViolations({ ...report([violation()]), sources: new Map() }, "text", look);

  expect(text).toContain('  unknown key: runtme\n    did you mean "runtime"?\n');
});

test("nothing wrong is said in a line", () => {
  expect(renderViolations(report([]), "text", look)).toBe("23 files, nothing wrong\n");
});

test("json: one object with everything", () => {
  const text = renderViolations(report([violation(), warning]), "json", look);

  expect(JSON.parse(text)).toEqual({
    v: 1,
    checked: 23,
    errors: 1,
    warnings: 1,
    violations: [violation(), warning],
  });
});

test("github: the normal lines and an annotation that points at them", () => {
  const text = renderViolations(report([violation()]), "github", look);

  expect(text).toContain(`${file}:3:1  error  schema/unknown-key`);
  expect(text).toContain(
    `::error file=${file},line=3,col=1,endColumn=7,title=schema/unknown-key::unknown key: runtme (did you mean "runtime"?)\n`,
  );
});

test("github: ten annotations of each severity, all of them in the lines", () => {
  const many = Array.from({ length: 12 }, () => [violation(), warning]).flat();

  const text = renderViolations(report(many), "github", look);

  expect(text.match(/^::error /gmu)).toHaveLength(10);
  expect(text.match(/^::warning /gmu)).toHaveLength(10);
  expect(text.match(/^agents\/writer/gmu)).toHaveLength(24);
});

test("github: nothing in a file name, a message or a source can speak to Actions", () => {
  const evil = violation({
    file: "a,line=9::b%0A.yaml",
    message: `x\n::stop-commands::y\n${hostile}`,
    hint: "",
  });
  const sources = new Map([[evil.file, `::add-mask::x\n##[add-mask]y\n${hostile}\n`]]);

  const text = renderViolations({ violations: [evil], sources, checked: 1 }, "github", look);

  const commands = text.split("\n").filter((line) => line.trimStart().startsWith("::"));
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatch(/^::error file=a%2Cline=9%3A%3Ab%250A\.yaml,line=3,/u);
  expect(dangersIn(text.replaceAll(/^::error /gmu, ""))).toEqual([]);
});

test("an ASCII terminal gets an ASCII frame", () => {
  expect(renderViolations(report([violation()]), "text", { ...look, ascii: true })).toMatch(
    /^[\n -~]*$/u,
  );
});
