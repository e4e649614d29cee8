import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    // Real processes and repositories on a busy machine: a hang still ends, a slow disk is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Most tests wait for other processes: on two cores a second worker nearly halves the time.
    maxWorkers: "100%",
    deps: { interopDefault: false },
    coverage: {
      include: ["runner/**/*.ts"],
      exclude: ["**/*.gen.*", "**/*.d.ts"],
      thresholds: { lines: 84 },
    },
  },
});
