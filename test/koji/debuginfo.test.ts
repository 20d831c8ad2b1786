import { describe, expect, it } from "vitest"
import { isDebuginfo } from "../../src/koji/debuginfo.ts"

describe("debug information", () => {
  it.each(["betatool-debuginfo", "betatool-debugsource", "kernel-debuginfo-common-x86_64", "a-debuginfo-"])(
    "is what %s holds",
    (name) => expect(isDebuginfo(name)).toBe(true)
  )

  it.each(["betatool-debug", "debuginfo", "betatool-debugsource-doc", "betatool", ""])("is not what %j holds", (name) =>
    expect(isDebuginfo(name)).toBe(false)
  )
})
