import { defineConfig } from "vitest/config";

/** Kept out of the tests of every day: the agents are large, and a start takes seconds. */
export default defineConfig({
  test: { include: ["bench/agents/*.test.ts"], testTimeout: 180_000, maxWorkers: 1 },
});
