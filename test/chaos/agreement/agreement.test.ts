/** What the simulation proves is worth something only where git does the same. */
import { expect, test } from "vitest";
import { inMemory } from "./in-memory.ts";
import { onGit } from "./on-git.ts";
import { expectedOf, SCENARIOS } from "./scenarios.ts";

test.each(SCENARIOS)("In memory: $name", (scenario) => {
  expect(inMemory(scenario)).toEqual(expectedOf(scenario));
});

test.each(SCENARIOS)("On git: $name", async (scenario) => {
  expect(await onGit(scenario)).toEqual(expectedOf(scenario));
});
