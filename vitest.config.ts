import { defineConfig } from "vitest/config"

/** `oracle` compares with the real tools and is slower; `unit` mirrors the source and runs in seconds. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/kit/totals-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/oracle/**", "test/crash/**"],
          testTimeout: 20_000
        }
      },
      { test: { name: "oracle", include: ["test/oracle/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
      { test: { name: "crash", include: ["test/crash/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } }
    ]
  }
})
