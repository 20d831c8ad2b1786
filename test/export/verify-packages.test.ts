import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { PackagesGone } from "../../src/publish/package-filler.ts"
import { exportRig } from "../kit/export-rig.ts"

let rig: Awaited<ReturnType<typeof exportRig>>
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const hello = "packages/hello/1.0/1/data/signed/69c29eff/x86_64/hello-1.0-1.x86_64.rpm"

describe("an export with --no-skip-stat", () => {
  it("fails with every package file that is not what the hub recorded, and makes nothing", async () => {
    await rig.export()
    const path = join(rig.topdir, hello)
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    rmSync(path)
    writeFileSync(path, bytes)
    const states = await rig.repoStates()
    const failure = await rig.exportFailure({ skipStat: false, force: true })
    expect(failure).toBeInstanceOf(PackagesGone)
    expect(failure).toMatchObject({ missing: [], changed: [hello] })
    expect(await rig.repoStates()).toEqual(states)
  })

  it("publishes where all are", async () => {
    expect((await rig.export({ skipStat: false }))._tag).toBe("Published")
  })
})
