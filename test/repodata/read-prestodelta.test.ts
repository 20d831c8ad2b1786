import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { prestodeltaXml } from "../../src/repodata/prestodelta.ts"
import { readPrestodelta } from "../../src/repodata/read-prestodelta.ts"

const sum = (digit: string): string => digit.repeat(64)

const read = (xml: string | Uint8Array) => Either.getOrThrow(readPrestodelta(Buffer.from(xml)))

/** One delta of a package, as createrepo_c 0.17.3 prints it but for what is given. */
const delta = (filename: string, size = "3548", checksum = `type="sha256">${sum("a")}`): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<prestodelta>
  <newpackage name="hello" epoch="0" version="1.1" release="1" arch="x86_64">
    <delta oldepoch="0" oldversion="1.0" oldrelease="1">
      <filename>${filename}</filename>
      <sequence>hello-1.0-1-befbe9c83d173dcc520302d9e14b260740</sequence>
      <size>${size}</size>
      <checksum ${checksum}</checksum>
    </delta>
  </newpackage>
</prestodelta>`

describe("reading prestodelta.xml", () => {
  it("gives the delta rpms that were written into it", () => {
    const package_ = { name: "hello", epoch: null, version: "1.1", release: "1", arch: "x86_64" }
    const written = ["1.0", "0.9"].map((version, index) => ({
      package: package_,
      from: { epoch: null, version, release: "1" },
      sequence: `hello-${version}-1-${"0".repeat(32)}`,
      size: 100 + index,
      sha256: sum(`${index}`)
    }))
    expect(read(prestodeltaXml(written))).toEqual([
      { name: "hello-1.0-1_1.1-1.x86_64.drpm", size: 100, sha256: sum("0") },
      { name: "hello-0.9-1_1.1-1.x86_64.drpm", size: 101, sha256: sum("1") }
    ])
    expect(read(prestodeltaXml([]))).toEqual([])
  })

  it.each(["drpms/../x.drpm", "drpms/a/x.drpm", "/drpms/x.drpm", "x.drpm", "drpms/.x.drpm", "drpms/x.rpm", "drpms/"])(
    "passes over %s, which is no delta rpm of the folder",
    (filename) => {
      expect(read(delta(filename))).toEqual([])
    }
  )

  it("passes over a delta rpm without a size or without a sha256", () => {
    expect(read(delta("drpms/x.drpm"))).toHaveLength(1)
    expect(read(delta("drpms/x.drpm", "-1"))).toEqual([])
    expect(read(delta("drpms/x.drpm", "1", `type="sha1">${sum("a")}`))).toEqual([])
    expect(read(delta("drpms/x.drpm", "1", 'type="sha256">abc'))).toEqual([])
  })

  it("refuses what is no XML", () => {
    expect(Either.isLeft(readPrestodelta(Buffer.from("<prestodelta>")))).toBe(true)
  })
})
