import { describe, expect, it } from "vitest"
import { chooseRepoOptions } from "../../src/koji/repo-options.ts"

const none = { src: false, debuginfo: false, separate_src: false, maven: false }

describe("the options of an internal repo", () => {
  it("are all off where neither tag nor request says anything", () => {
    expect(chooseRepoOptions({}, {})).toEqual({ opts: none, customOpts: {}, warnings: [] })
  })

  it("are the tag's own where its extra has some, and then no custom ones", () => {
    const { customOpts, opts } = chooseRepoOptions({ "repo.opts": { debuginfo: true, src: 1, maven: null } }, {})
    expect(opts).toEqual({ ...none, debuginfo: true, src: true })
    expect(customOpts).toEqual({})
  })

  it("are custom where the request asks for other things than the tag", () => {
    const extra = { "repo.opts": { debuginfo: true } }
    expect(chooseRepoOptions(extra, { debuginfo: true }).customOpts).toEqual({})
    expect(chooseRepoOptions(extra, { debuginfo: false, src: true })).toMatchObject({
      opts: { ...none, src: true },
      customOpts: { src: true, debuginfo: false }
    })
  })

  it("follow the older with_debuginfo only where there is no repo.opts", () => {
    expect(chooseRepoOptions({ with_debuginfo: true }, {}).opts.debuginfo).toBe(true)
    expect(chooseRepoOptions({ with_debuginfo: true, "repo.opts": {} }, {}).opts.debuginfo).toBe(false)
    expect(chooseRepoOptions({ with_debuginfo: 0 }, {}).opts.debuginfo).toBe(false)
  })

  it("take for true what Python takes for true", () => {
    const debuginfo = (value: string | number | ReadonlyArray<string> | { readonly a?: 1 }) =>
      chooseRepoOptions({ "repo.opts": { debuginfo: value } }, {}).opts.debuginfo
    expect(["false", 2, ["x"], { a: 1 as const }].map(debuginfo)).toEqual([true, true, true, true])
    expect(["", 0, [], {}].map(debuginfo)).toEqual([false, false, false, false])
  })

  it("warn of what is no option, and ignore it", () => {
    expect(chooseRepoOptions({ "repo.opts": ["src"] }, {})).toEqual({
      opts: none,
      customOpts: {},
      warnings: ['the tag\'s extra repo.opts is ignored: it is no object (["src"])']
    })
    expect(chooseRepoOptions({ "repo.opts": { sources: true, src: true } }, {})).toMatchObject({
      opts: { ...none, src: true },
      warnings: ["the tag's extra repo.opts has sources, which is no repo option: it is ignored"]
    })
  })
})
