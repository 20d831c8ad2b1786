import { existsSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dnfIn, runTool } from "../kit/clients.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"

/** The key that signed the recorded packages, and the folder of what it signed. */
const key = { id: "b234aeac", folder: "keyA" } as const

/** Files of the builds that are tagged: a library, what is built with it, and what it needs itself. */
const builds = {
  "libalpha-1.2-1": ["libalpha-1.2-1", "libalpha-devel-1.2-1"],
  "glibc-2.34-60": ["glibc-2.34-60"]
} as const

const files = Object.entries(builds)
  .flatMap(([build, rpms]) => [
    `${build}.src.rpm`,
    ...rpms.flatMap((rpm) => ["i686", "x86_64"].map((arch) => `${rpm}.${arch}.rpm`))
  ])
  .sort()

const libraries = files.filter((file) => !file.endsWith(".src.rpm"))

/** dnf installs for nobody else, not even into a folder of its own. */
const isRoot = process.getuid?.() === 0

describeWithShared("oracle", "rpms")("a multilib repository", () => {
  describeWithTools(
    "dnf",
    "rpm",
    "createrepo_c"
  )("with dnf", () => {
    describe.skipIf(!isRoot)("as root", () => {
      let rig: ExportRig
      /** The repository for x86_64 with the 32-bit packages that --multilib adds, and the one without. */
      let both = ""
      let plain = ""

      const repository = async (multilib: string | null): Promise<string> => {
        const { repo } = await rig.publish({ tag: "multi", keys: [key.id], writeSignedRpms: true, multilib })
        return join(repo.path, "x86_64")
      }

      const install = (path: string, root: string, packages: ReadonlyArray<string>, exit?: number) =>
        dnfIn(join(rig.folder, root)).run(
          { path, arch: "x86_64", platform: "platform:el9" },
          // the scriptlets' shell is a made-up package: it cannot run
          ["install", "--setopt=tsflags=noscripts", ...packages],
          exit
        )

      beforeAll(async () => {
        rig = await exportRig()
        await rig.hub((hub) => hub.importRpms(files.map((file) => sharedPath("oracle", "rpms", key.folder, file))))
        await rig.hub((hub) => hub.addTag("multi", { arches: "i386 x86_64" }))
        await rig.hub((hub) => hub.addPackages("multi", ["libalpha", "glibc"]))
        await rig.hub((hub) => hub.tagBuild("multi", Object.keys(builds)))
        plain = await repository(null)
        both = await repository(sharedPath("oracle/inputs/multilib.conf"))
      })
      afterAll(() => rig?.close())

      const wanted = ["libalpha-devel.i686", "libalpha-devel.x86_64"]

      it("installs a 32-bit package beside its 64-bit counterpart, with all that both need", async () => {
        await install(both, "dnf", wanted)
        expect(await dnfIn(join(rig.folder, "dnf")).installed()).toEqual(libraries)
        const root = join(rig.folder, "dnf", "root")
        for (const lib of ["lib", "lib64"]) expect(existsSync(join(root, "usr", lib, "libalpha.so.1.0"))).toBe(true)
      })

      it("has nothing of that where multilib was not asked for", async () => {
        const { stderr, stdout } = await install(plain, "dnf-plain", wanted, 1)
        expect(stdout + stderr).toContain("Unable to find a match: libalpha-devel.i686")
      })

      it.each([
        ["libalpha-1.2-1.i686.rpm", "libalpha(x86-32) = 1.2-1"],
        ["glibc-2.34-60.i686.rpm", "libc.so.6"]
      ])("needs %s: without it dnf misses %s", async (left, missed) => {
        const into = join(rig.folder, `without-${left}`)
        await runTool("mkdir", [into])
        await runTool("createrepo_c", ["--quiet", `--outputdir=${into}`, `--excludes=*/${left}`, both])
        const { stderr, stdout } = await install(into, `dnf-${left}`, wanted, 1)
        expect(stdout + stderr).toContain(`nothing provides ${missed}`)
      })
    })
  })
})
