import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    // Real processes and repositories on a busy machine: a hang still ends, a slow disk is no failure.
    testTimeout: 30_000,
    deps: { interopDefault: false },
    coverage: {
      include: ["runner/**/*.ts"],
      exclude: ["**/*.gen.*", "**/*.d.ts"],
      thresholds: { lines: 84 },
    },
  },
});
