import { expect, test } from "vitest";
import { inWordsOf, programWords } from "#runner/verbs/program-words.ts";

const text =
  "  look     git diff main...fettle/gate/x\n  approve  fettle approve x (or fettle --help)";

const plain = { programFolder: "/opt/fettle", environment: {} };

test("commands are said as they must be typed where one is", () => {
  const here = programWords({ dir: ".", ...plain });
  const elsewhere = programWords({
    dir: "../my studio",
    ...plain,
    environment: { npm_execpath: "/npm" },
  });

  expect(inWordsOf(here, text)).toBe(text);
  expect(inWordsOf(elsewhere, text)).toBe(
    "  look     git -C '../my studio' diff main...fettle/gate/x\n" +
      "  approve  /opt/fettle/bin/fettle.mjs -C '../my studio' approve x (or fettle --help)",
  );
});

test("what is said for a folder already is not said twice", () => {
  const words = programWords({ dir: "studio", ...plain });
  const once = inWordsOf(words, text);

  expect(inWordsOf(words, once)).toBe(once);
});

test("branches and names that sound alike are left alone", () => {
  const words = programWords({ dir: "studio", ...plain });

  expect(inWordsOf(words, "git is missing; fettle/state; my-fettle plan")).toBe(
    "git is missing; fettle/state; my-fettle plan",
  );
});
