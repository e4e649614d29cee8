import { expect, test } from "vitest";
import { rungName } from "#runner/core/rung-name.ts";
import type { Rung } from "#runner/schema/types.gen.ts";

test.each<[Rung, string]>([
  [{ command: ["true"] }, "command"],
  [{ model: "small" }, "model small"],
  [{ codingAgent: "codex", model: "small", prompt: "prompt.md" }, "codex with model small"],
  [{ http: { url: "https://example.com" } }, "http"],
  [{ container: { image: `shop/writer@sha256:${"0".repeat(64)}`, command: ["run"] } }, "container"],
  [{ template: { text: "text.hbs" } }, "template"],
])("%o is called %s", (rung, name) => {
  expect(rungName(rung)).toBe(name);
});
