import { expect, test } from "vitest";
import { renderProse } from "#runner/runtimes/prose.ts";
import { parseProse } from "#runner/runtimes/prose-syntax.ts";

test.each([
  ["{{inputs.name}}", { inputs: { name: "Ada & <Söhne>" } }, "Ada & <Söhne>"],
  ["{{#each list}}{{@index}}:{{this}} {{/each}}", { list: ["a", "b"] }, "0:a 1:b "],
  ["{{#each list as |row|}}{{row.n}}{{../unit}}{{/each}}", { list: [{ n: 1 }], unit: "x" }, "1x"],
  ["{{#if (eq lang 'de')}}Hallo{{else}}Hello{{/if}}", { lang: "de" }, "Hallo"],
  ["{{#unless paid}}open{{/unless}}", { paid: false }, "open"],
  ["{{#with a}}{{b}}{{/with}}", { a: { b: 1 } }, "1"],
  ["{{json a}}", { a: [1] }, "[\n  1\n]"],
  ["{{money 123450 'EUR' locale='de'}}", {}, "1.234,50 €"],
  ["{{money 123450 'EUR'}}", {}, "€1,234.50"],
  ["{{money 480000 'JPY'}}", {}, "¥480,000"],
  ["{{date '2026-11-03' locale='de'}}", {}, "3. November 2026"],
  ["{{concat 'client/' name 2}}", { name: "acme" }, "client/acme2"],
  [
    "{{#each (where list kind='fact' of=(concat 'a' 'b'))}}{{n}}{{#unless @last}}, {{/unless}}{{/each}}",
    {
      list: [
        { n: 1, kind: "fact", of: "ab" },
        { n: 2, kind: "fact", of: "b" },
        { n: 3, of: "ab" },
        "fact",
        { n: 4, kind: "fact", of: "ab" },
      ],
    },
    "1, 4",
  ],
  ["{{date '2026-11-03T23:59:00.000Z'}}", {}, "3 November 2026"],
  ["{{a}}", { a: "{{b}} {{#if}}" }, "{{b}} {{#if}}"],
])("%s renders", (template, data, text) => {
  expect(renderProse(template, data)).toEqual({ ok: true, text });
});

test.each([
  ["{{missing}}", {}, '"missing" not defined in [object Object] - 1:2'],
  ["{{a}}", { a: { b: 1 } }, "it prints an object; use {{json …}}"],
  ["{{> partial}}", {}, "partials are not supported at line 1"],
  ["{{* decorator}}", {}, "decorators are not supported at line 1"],
  [
    "{{lookup a 'b'}}",
    { a: {} },
    "unknown helper lookup at line 1; there are money, date, json, eq, concat, where",
  ],
  [
    "{{log 'x'}}",
    {},
    "unknown helper log at line 1; there are money, date, json, eq, concat, where",
  ],
  [
    "{{#each2 a}}{{/each2}}",
    {},
    "unknown block {{#each2}} at line 1; there are each, if, unless, with",
  ],
  ["{{money 1.5 'EUR'}}", {}, "money needs an integer of minor units"],
  ["{{money 1 'euro'}}", {}, "money needs a currency such as EUR"],
  ["{{date 'soon'}}", {}, "date needs a day such as 2026-11-22"],
  ["{{concat a}}", { a: {} }, "concat needs texts and numbers"],
  ["{{#each (where a b=1)}}{{/each}}", { a: {} }, "where needs a list"],
  ["{{#if a}}", {}, "Parse error on line 1:"],
  ["x".repeat(32 * 1024 + 1), {}, "the template is larger than 32 KiB"],
])("%.40s is refused with a reason", (template, data, reason) => {
  expect(renderProse(template, data)).toEqual({ ok: false, reason });
});

test.each([
  ["blocks", "{{#if a}}".repeat(33) + "{{/if}}".repeat(33)],
  ["inverse blocks", "{{^if a}}".repeat(33) + "{{/if}}".repeat(33)],
  ["else chains", `{{#if a}}${"{{else if a}}".repeat(33)}{{/if}}`],
  ["calls", `{{json ${"(eq 1 ".repeat(33)}1${")".repeat(33)}}}`],
])("%s nested too deep are refused before they are parsed", (_, template) => {
  expect(renderProse(template, {})).toEqual({
    ok: false,
    reason: "blocks are nested deeper than 32",
  });
});

test("many blocks side by side are fine", () => {
  const template = "{{#if a}}x{{else if b}}y{{else}}z{{/if}}".repeat(200);

  expect(renderProse(template, { b: true })).toEqual({ ok: true, text: "y".repeat(200) });
});

test.each([
  ["{{constructor.constructor}}"],
  ["{{#with a}}{{__proto__.x}}{{/with}}"],
  ["{{a.constructor}}"],
  ["{{@root.constructor}}"],
])("%s reaches nothing", (template) => {
  const rendered = renderProse(template, { a: {} });

  expect(rendered.ok ? rendered.text : "").toBe("");
});

test("what a template reads is known without data", () => {
  const template = `{{inputs.name}} {{#each inputs.lines as |line at|}}{{line.text}} {{at}} {{@index}} {{../project.dir}}
    {{#with line.price}}{{money amount @root.inputs.currency locale=../../asOf}}{{/with}}{{/each}}
    {{#each memory}}{{text}} {{this.id}}{{else}}{{asOf}}{{/each}}{{#if (eq inputs.lang 'de')}}{{inputs.rows.0.key}}{{/if}}`;

  const syntax = parseProse(template);
  const paths = syntax.ok ? syntax.reads.map(({ path }) => path.join(".")) : [];
  expect([...new Set(paths)].toSorted()).toEqual([
    "asOf",
    "inputs.currency",
    "inputs.lang",
    "inputs.lines",
    "inputs.lines.[].price",
    "inputs.lines.[].price.amount",
    "inputs.lines.[].text",
    "inputs.name",
    "inputs.rows.[].key",
    "memory",
    "memory.[].id",
    "memory.[].text",
    "project.dir",
  ]);
});
