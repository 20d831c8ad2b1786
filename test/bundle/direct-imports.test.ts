import { describe, expect, it } from "vitest"
import { withDirectImports } from "../../src/bundle/direct-imports.ts"

describe("an import from effect", () => {
  it("becomes one of each module that is named, functions coming from Function", () => {
    expect(withDirectImports('import { Effect, identity } from "effect"\nwork()')).toBe(
      'import * as Effect from "effect/Effect"; import { identity } from "effect/Function"\nwork()'
    )
  })

  it("loses the names of types, which nothing is loaded for", () => {
    expect(withDirectImports('import { type Scope, Effect } from "effect"')).toBe(
      'import * as Effect from "effect/Effect"'
    )
    expect(withDirectImports('import type { Effect } from "effect"')).toBe('import type { Effect } from "effect"')
  })

  it("leaves the lines below it where they are", () => {
    const direct = withDirectImports('import {\n  Effect,\n  Either\n} from "effect"\nwork()')
    expect(direct.split("\n").indexOf("work()")).toBe(4)
    expect(direct).toContain('import * as Either from "effect/Either"')
  })

  it("is told apart from imports of its modules and of others", () => {
    const others = 'import { make } from "effect/Layer"\nimport { Effect } from "./effect"\n'
    expect(withDirectImports(others)).toBe(others)
  })
})
