import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { RunFailed } from "../../graph/index.ts"
import type { ExportEvent } from "../../src/export/dist-repo.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig({ copies: false })
})
afterEach(() => rig.close())

describe("an export of rpms whose signed copies are not written", () => {
  it("fails, and with --write-signed-rpms writes those of the wanted arches and publishes", async () => {
    expect(await rig.exportFailure()).toBeInstanceOf(RunFailed)
    const written: Array<ExportEvent> = []
    const onEvent = (event: ExportEvent) => void (event._tag === "WroteSignedCopies" && written.push(event))
    const { output } = await rig.publish({ writeSignedRpms: true, arches: ["x86_64"] }, { onEvent })
    expect(output.repositories.map(({ arch, rpms }) => [arch, rpms])).toEqual([["x86_64", 9]])
    expect(written).toEqual([{ _tag: "WroteSignedCopies", sigkey: fixtureKeys.a, copies: 9 }])
    expect(await rig.exportFailure()).toMatchObject({ _tag: "RunFailed" }) // aarch64's are still missing
  })

  it("writes copies although something else stops the export: Koji does, too", async () => {
    const request = {
      writeSignedRpms: true,
      arches: ["x86_64"],
      keys: [fixtureKeys.b],
      missingSignatures: "fail"
    } as const
    const failure = await rig.exportFailure(request)
    expect(failure.message).toMatch(/not signed with/)
    expect(failure.message).not.toMatch(/not written/)
  })
})
