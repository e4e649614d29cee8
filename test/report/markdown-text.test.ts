import { expect, test } from "vitest";
import * as fc from "fast-check";
import {
  markdownCode,
  markdownFence,
  markdownTable,
  markdownText,
} from "#runner/report/markdown-text.ts";

test.each([
  ["emphasis and code", "*a* _b_ `c`", String.raw`\*a\* \_b\_ \`c\``],
  ["an image that would call home", "![x](//evil/?d=1)", String.raw`!\[x\](//evil/?d=1)`],
  ["HTML and comments", "<img src=x><!-- x -->", "&lt;img src=x&gt;&lt;!-- x --&gt;"],
  ["an entity", "&lt;", "&amp;lt;"],
  ["a mention", "@ada", "@&#8203;ada"],
  ["an issue to be closed", "closes #1, GH-2", "closes #&#8203;1, GH-&#8203;2"],
  [
    "an address",
    "https://evil.example www.evil.example",
    "https&#8203;://evil.example &#8203;www.evil.example",
  ],
  ["a mail link", "mailto:a", "&#8203;mailto:a"],
  ["mathematics", "$x$", String.raw`\$x\$`],
  ["a cell border", "a|b", String.raw`a\|b`],
  ["several lines", "a\n# b\r\n- c", "a # b - c"],
  ["a heading", "# a", String.raw`\# a`],
  ["a list", "- a", String.raw`\- a`],
  ["a numbered list", "12. a", String.raw`12\. a`],
  ["an amount", "0.42 USD", "0.42 USD"],
  ["a reversed name", "a\u202Eb", String.raw`a\\u202eb`],
  ["ordinary words", "Müller owes 3.50 EUR (since May)", "Müller owes 3.50 EUR (since May)"],
])("takes %s literally", (_, text, markdown) => {
  expect(markdownText(text)).toBe(markdown);
});

test("literal text holds no tag, no open bracket, no address and one line only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const markdown = markdownText(text);

      expect(markdown).not.toMatch(/[<>\r\n]|(?<!\\)[[\]`|]|@(?!&#8203;)|(?<!&#8203;):\/\//u);
    }),
  );
});

test("a fence is longer than any run of backticks in it", () => {
  expect(markdownFence("a\n````\nb\u001b[31m", "text")).toBe(
    "`````text\na\n````\nb\\x1b[31m\n`````",
  );
});

test("code keeps backticks and does not break a table", () => {
  expect(markdownCode("a`b|c")).toBe("`` a`b¦c ``");
  expect(markdownCode("  ")).toBe("–");
  expect(markdownTable(["A", "B"], [["1", "2"]])).toBe("| A | B |\n| --- | --- |\n| 1 | 2 |");
});
