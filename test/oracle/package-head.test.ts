import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { startDigests } from "../../src/rpm/package-digests.ts"
import { type PackageHead, readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { bin, int32, packageBytes, string } from "../rpm/package-builder.ts"
import { realPackages } from "../rpm/real-packages.ts"

/** Runs a command on each file, in one shell, and tells for which it succeeded. */
const succeeds = (files: ReadonlyArray<Uint8Array>, command: string): ReadonlyArray<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "distgraph-head-"))
  files.forEach((bytes, at) => {
    writeFileSync(join(folder, `${at}.rpm`), bytes)
  })
  const script = `i=0; while [ $i -lt ${files.length} ]; do ${command} --dbpath "$PWD/rpmdb" $i.rpm >/dev/null 2>&1 && echo y || echo n; i=$((i+1)); done`
  const answers = execFileSync("sh", ["-c", script], { cwd: folder, encoding: "utf8" }).trim().split("\n")
  rmSync(folder, { recursive: true })
  return answers.map((answer) => answer === "y")
}

const FIELDS = ["tag", "type", "offset", "count", "byte"] as const

/** A change of one index entry, or of any byte, of one of the two headers; numbers are taken modulo what is there. */
const change = fc.record({
  signature: fc.boolean(),
  field: fc.constantFrom(...FIELDS),
  place: fc.nat(),
  value: fc.oneof(fc.nat(40), fc.nat(5200), fc.nat(0x7fffffff))
})
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

const apply = (bytes: Buffer, head: PackageHead, { signature, field, place, value }: Change): void => {
  const start = signature ? 96 : head.headerStart
  const end = signature ? head.headerStart : head.headerEnd
  // an earlier change may have made the header say that it has more entries than bytes
  const entries = Math.min(bytes.readUInt32BE(start + 8), Math.floor((end - start - 16) / 16))
  const entry = start + 16 + 16 * (place % Math.max(1, entries))
  if (field === "tag") bytes.writeUInt32BE(value, entry)
  if (field === "type") bytes.writeUInt32BE(value % 11, entry + 4)
  if (field === "offset") bytes.writeInt32BE((bytes.readInt32BE(entry + 8) + (value % 17) - 8) | 0, entry + 8)
  if (field === "count") bytes.writeUInt32BE(value, entry + 12)
  if (field === "byte") bytes[start + (place % (end - start))] = value % 256
}

const small = realPackages().filter(
  ({ column }) => column("status") === "readable" && Number(column("size")) < 20_000 && column("format") !== "v6"
)

describe.skipIf(small.length === 0)("real packages with damaged headers", () => {
  describeWithTools("rpm")("compared with rpm", () => {
    it("are read where rpm reads them and refused where rpm refuses them", () => {
      const seed = Date.now() % 0x7fffffff
      const changes = fc.array(change, { minLength: 1, maxLength: 2 })
      const cases = fc.sample(fc.tuple(fc.nat(small.length - 1), changes), { numRuns: 400, seed })
      const files = cases.map(([which, changes]) => {
        const bytes = small[which]?.bytes() ?? Buffer.alloc(0)
        const head = Either.getOrThrow(readPackageHead(bytes))
        for (const one of changes) apply(bytes, head, one)
        return bytes
      })
      const theirs = succeeds(files, "rpm -qp --nodigest --nosignature --qf ''")
      const ours = files.map((bytes) => Either.isRight(readPackageHead(bytes)))
      const different = cases.filter((_, at) => ours[at] !== theirs[at])
      expect(
        different.map(([which, changes]) => [small[which]?.file, changes]),
        `seed ${seed}`
      ).toEqual([])
      expect(theirs).toContain(true)
    })
  })
})

describeWithTools("rpmkeys")("the digests that a package has, compared with rpmkeys", () => {
  it("must cover header and payload in one way or another", () => {
    const size = int32(1000, 1)
    const good = packageBytes({})
    const files = [
      good,
      packageBytes({ signature: [size] }),
      packageBytes({ signature: [size, bin(1004, Buffer.alloc(16))] }),
      packageBytes({ signature: [size, string(269, "0".repeat(40))] }),
      good.subarray(0, -1)
    ]
    const ours = files.map((bytes) => {
      const digests = startDigests(Either.getOrThrow(readPackageHead(bytes)))
      digests.update(bytes)
      return Either.isRight(digests.finish())
    })
    expect(ours).toEqual(succeeds(files, "rpmkeys --checksig --nosignature"))
    expect(ours).toEqual([true, false, false, false, false])
  })
})
