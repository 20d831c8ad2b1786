import { describe, expect, it } from "vitest"
import { changelogElements } from "../../src/repodata/changelogs.ts"
import { int32, packageHead, strings } from "../rpm/package-builder.ts"

const print = (limit: number, ...logs: ReadonlyArray<readonly [time: number, author?: string, text?: string]>) =>
  changelogElements(
    packageHead({
      main: [
        int32(1080, ...logs.map(([time]) => time)),
        strings(1081, ...logs.map(([, author = "A"]) => author)),
        strings(1082, ...logs.map(([, , text = "- x"]) => text))
      ]
    }).main,
    limit,
    () => undefined
  )
const dates = (limit: number, ...times: ReadonlyArray<number>) =>
  [...print(limit, ...times.map((time) => [time] as const)).matchAll(/date="(\d+)"/g)].map(([, date]) => Number(date))

describe("changelogs in other.xml", () => {
  it("are printed oldest first, with author and text", () => {
    expect(print(10, [200, "B <b@x> - 2", "- fix & run\n- more"], [100, "A", ""])).toBe(
      '  <changelog author="A" date="100"></changelog>\n' +
        '  <changelog author="B &lt;b@x&gt; - 2" date="200">- fix &amp; run\n- more</changelog>\n'
    )
  })

  it("are the newest ones, as many as wanted", () => {
    expect(dates(2, 300, 200, 100)).toEqual([200, 300])
    expect(dates(0, 300, 200, 100)).toEqual([])
    expect(dates(-1, 300, 200, 100)).toEqual([100, 200, 300])
  })

  it("get different times within one second", () => {
    expect(dates(10, 102, 101, 100, 100, 100, 100, 99)).toEqual([99, 100, 101, 102, 103, 104, 105])
    expect(dates(10, 100, 100)).toEqual([100, 101])
    expect(dates(10, 4000000000, 4000000000)).toEqual([4000000000, 4000000000])
  })

  it("have authors without trailing spaces, but never empty ones", () => {
    expect(print(1, [1, "A  "])).toContain('author="A"')
    expect(print(1, [1, "   "])).toContain('author=" "')
    expect(print(1, [1, ""])).toContain('author=""')
    expect(print(1, [1, "A\t"])).toContain('author="A&#9;"')
  })

  it("are not there when the header has none, and end with the shortest list", () => {
    expect(changelogElements(packageHead({}).main, 10, () => undefined)).toBe("")
    const short = packageHead({ main: [int32(1080, 2, 1), strings(1081, "A"), strings(1082, "x", "y")] })
    expect(changelogElements(short.main, 10, () => undefined)).toBe('  <changelog author="A" date="2">x</changelog>\n')
  })
})
