import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    deps: { interopDefault: false },
    coverage: {
      include: ["runner/**/*.ts"],
      exclude: ["**/*.gen.*", "**/*.d.ts"],
      thresholds: { lines: 20 },
    },
  },
});
