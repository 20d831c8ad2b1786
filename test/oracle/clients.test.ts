import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type DnfRepository, dnfIn, rpmNevras, runTool, sortedLines, zypperIn } from "../kit/clients.ts"
import { type ExportRig, exportRig, rigBuilds } from "../kit/export-rig.ts"
import { fixture, fixtureKeyFile, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"
import { addLargeTag, largeTagRequest } from "../kit/large-tag.ts"
import { describeWithTools } from "../kit/oracle.ts"

/** Each profile of the command and what else clients can tell, the platform of clients that it is for, and the compression. */
const profiles = [
  { name: "no profile", options: [], platform: "platform:el9", suffix: "gz" },
  { name: "profile el7", options: ["--profile", "el7"], platform: "platform:el7", suffix: "gz" },
  { name: "profile el8", options: ["--profile", "el8"], platform: "platform:el8", suffix: "gz" },
  { name: "profile el9", options: ["--profile", "el9"], platform: "platform:el9", suffix: "gz" },
  {
    name: "shared directories",
    options: ["--layout", "shared", "--no-open-checksum"],
    platform: "platform:el9",
    suffix: "gz"
  },
  { name: "profile fedora", options: ["--profile", "fedora"], platform: "platform:f42", suffix: "zst" }
] as const

const [gz] = profiles
const fedora = profiles[profiles.length - 1] ?? gz

/** dnf installs for nobody else, not even into a folder of its own. */
const isRoot = process.getuid?.() === 0

const arches = ["x86_64", "aarch64"] as const

/** Every build: also those that key A has not signed. */
const builds = [...rigBuilds, "forecast-0.9^git20240131.abc1234-2", "scratchpad-0.1-1"]

/** What the fixtures' specs require, directly and not, of the three that are asked for, recommendations aside. */
const wanted = ["clockwork", "libgreet-devel", "weather"]
const resolved = (arch: string) => [
  `clockwork-3.2-4.${arch}.rpm`,
  "demo-release-42-1.noarch.rpm",
  "greet-doc-2.0-3.noarch.rpm",
  `hello-1.0-1.${arch}.rpm`,
  `libgreet-2.0-3.${arch}.rpm`,
  `libgreet-devel-2.0-3.${arch}.rpm`,
  `minish-5-2.${arch}.rpm`,
  `weather-2.0~rc1-1.${arch}.rpm`
]

/** The fixtures that belong in an arch's repository, as long as hello is the older one. */
const filesOf = (arch: string): ReadonlyArray<string> =>
  fixtureNames("unsigned").filter(
    (name) =>
      !name.startsWith("hello-1.1-") &&
      (name.endsWith(`.${arch}.rpm`) || (arch !== "src" && name.endsWith(".noarch.rpm")))
  )

const nevrasOf = (arch: string) => rpmNevras(filesOf(arch).map((name) => fixture("unsigned", name)))

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")

/** The copy to publish where key A is preferred to key B and unsigned rpms are allowed. */
const bestCopy = (name: string): string =>
  fixture((["key-a", "key-b"] as const).find((copy) => existsSync(fixture(copy, name))) ?? "unsigned", name)

/** Paths below a folder, through links too. */
const rpmsBelow = (folder: string, below = ""): ReadonlyArray<string> =>
  readdirSync(join(folder, below))
    .flatMap((name) => {
      const path = join(below, name)
      if (statSync(join(folder, path)).isDirectory()) return rpmsBelow(folder, path)
      return path.endsWith(".rpm") ? [path] : []
    })
    .sort()

/** The files below a folder by name, each with its sha256. */
const sums = (folder: string) =>
  Object.fromEntries(rpmsBelow(folder).map((path) => [basename(path), sha256(join(folder, path))]))

let rig: ExportRig
/** The repo of each profile. */
const repos = new Map<string, string>()
/** The repository of the large tag in each compression. */
const largeRepositories = new Map<string, string>()
let largeNevras: ReadonlyArray<string> = []
/** A repo of one build, for x86_64 only: it has nothing for ppc64le. */
let lonely = ""

const published = (profile: string, arch: string): string => join(repos.get(profile) ?? "", arch)

const Published = Schema.parseJson(Schema.Struct({ repo: Schema.Struct({ path: Schema.String }) }))

const exportWithCommand = async (options: ReadonlyArray<string>): Promise<string> => {
  const command = join(import.meta.dirname, "../../src/cli/main.ts")
  const places = ["--topdir", rig.topdir, "--store", rig.store]
  const keys = [fixtureKeys.a, fixtureKeys.b]
  const request = ["dist-repo", "demo", ...keys, "--allow-missing-signatures", "--with-src", "--force"]
  const { stdout } = await runTool(process.execPath, [command, "--json", ...places, ...request, ...options])
  return Schema.decodeSync(Published)(stdout).repo.path
}

beforeAll(async () => {
  rig = await exportRig({ builds })
  for (const { name, options } of profiles) repos.set(name, await exportWithCommand(options))
  largeNevras = await rpmNevras(await addLargeTag(rig))
  for (const compression of ["gz", "zstd"] as const) {
    const { repo } = await rig.publish({ ...largeTagRequest, compression })
    largeRepositories.set(compression, join(repo.path, "x86_64"))
  }
  await rig.hub((hub) =>
    Effect.gen(function* () {
      yield* hub.addTag("lonely", { arches: "x86_64 ppc64le" })
      yield* hub.addPackages("lonely", ["minish"])
      yield* hub.tagBuild("lonely", ["minish-5-2"])
    })
  )
  lonely = (await rig.publish({ tag: "lonely" })).repo.path
})
afterAll(() => rig?.close())

describeWithTools("dnf", "rpm")("dnf", () => {
  let dnf: ReturnType<typeof dnfIn>
  beforeAll(() => {
    dnf = dnfIn(join(rig.folder, "dnf"))
  })

  describe.each(profiles)("with a repo exported with $name", ({ name, platform, suffix }) => {
    it.each(arches)("lists the packages of %s under the paths where they lie", async (arch) => {
      const repository: DnfRepository = { path: published(name, arch), arch, platform }
      expect(await dnf.nevras(repository)).toEqual(await nevrasOf(arch))
      expect(await dnf.query(repository, "--qf", "%{relativepath}")).toEqual(rpmsBelow(repository.path))
      expect(
        readdirSync(join(repository.path, "repodata")).filter((file) => file.endsWith(`.xml.${suffix}`))
      ).toHaveLength(3)
    })

    it.skipIf(!isRoot).each(arches)(
      "resolves dependencies on %s and fetches the very files that were signed",
      async (arch) => {
        const into = join(rig.folder, "downloads", name, arch)
        await dnf.download({ path: published(name, arch), arch, platform }, into, wanted)
        expect(sums(into)).toEqual(Object.fromEntries(resolved(arch).map((file) => [file, sha256(bestCopy(file))])))
      }
    )
  })

  it.each([gz, fedora])("reads file lists and changelogs of a repo exported with $name", async ({ name, platform }) => {
    const repository: DnfRepository = { path: published(name, "x86_64"), arch: "x86_64", platform }
    const file = (nvr: string) => fixture("unsigned", `${nvr}.x86_64.rpm`)
    const rpm = async (...args: ReadonlyArray<string>) =>
      (await runTool("rpm", ["-qp", "--nosignature", ...args])).stdout
    expect(await dnf.query(repository, "--list", "clockwork")).toEqual(
      sortedLines(await rpm("--list", file("clockwork-3.2-4")))
    )
    expect(await dnf.query(repository, "--changelogs", "libgreet")).toEqual(
      sortedLines(`Changelog for libgreet-2.0-3.x86_64\n${await rpm("--changelog", file("libgreet-2.0-3"))}`)
    )
  })

  it("lists the source packages of the src repository", async () => {
    const repository: DnfRepository = { path: published("no profile", "src"), arch: "x86_64", platform: "platform:el9" }
    expect(await dnf.nevras(repository)).toEqual(await nevrasOf("src"))
  })

  it.each(["gz", "zstd"])("lists all 300 packages of metadata in several parts of %s", async (compression) => {
    const path = largeRepositories.get(compression) ?? ""
    expect(await dnf.nevras({ path, arch: "x86_64", platform: "platform:el9" })).toEqual(largeNevras)
  })

  it("takes a repository without packages", async () => {
    const repository: DnfRepository = { path: join(lonely, "ppc64le"), arch: "ppc64le", platform: "platform:el9" }
    expect(await dnf.nevras(repository)).toEqual([])
  })

  it("sees only what the wanted key has signed where the others are skipped", async () => {
    const { repo } = await rig.publish({ keys: [fixtureKeys.b], missingSignatures: "skip" })
    const signed = filesOf("x86_64").filter((name) => existsSync(fixture("key-b", name)))
    expect(await dnf.nevras({ path: join(repo.path, "x86_64"), arch: "x86_64", platform: "platform:el9" })).toEqual(
      await rpmNevras(signed.map((name) => fixture("key-b", name)))
    )
  })

  describe.skipIf(!isRoot)("as root", () => {
    const trusted = [fixtureKeyFile("a", "public"), fixtureKeyFile("b", "public")]
    const repository = () => ({ path: published("profile fedora", "x86_64"), arch: "x86_64", platform: "platform:f42" })

    it("installs packages whose signatures it checks", async () => {
      // the scriptlets' shell is a made-up package: it cannot run
      await dnf.run({ ...repository(), trusted }, ["install", "--setopt=tsflags=noscripts", ...wanted, "forecast"])
      expect(await dnf.installed()).toEqual(
        [...resolved("x86_64"), "forecast-0.9^git20240131.abc1234-2.noarch.rpm"].sort()
      )
    })

    it("refuses the unsigned package, which is there because it was allowed", async () => {
      const { stdout, stderr } = await dnf.run({ ...repository(), trusted }, ["install", "scratchpad"], 1)
      expect(stdout + stderr).toContain("scratchpad-0.1-1.noarch.rpm is not signed")
    })
  })

  it.each(["hardlink", "shared"] as const)(
    "sees the packages of the next repo, and of the one after it, behind latest (%s)",
    async (layout) => {
      const request = { keys: [fixtureKeys.a], missingSignatures: "skip", layout } as const
      const latest = { path: join(rig.tagDir(), "latest", "x86_64"), arch: "x86_64", platform: "platform:el9" }
      const hello = () => dnf.nevras(latest, "--refresh", "hello")
      await rig.publish(request)
      expect(await hello()).toEqual(["hello-0:1.0-1.x86_64"])
      await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
      await rig.publish(request)
      expect(await hello()).toEqual(["hello-0:1.1-1.x86_64"])
      await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
      await rig.publish(request)
      expect(await hello()).toEqual(["hello-0:1.0-1.x86_64"])
    }
  )
})

describeWithTools("createrepo_c")("createrepo_c", () => {
  it.each(arches)("lists a repo with shared directories of packages as it lies, %s", async (arch) => {
    const at = published("shared directories", arch)
    const into = join(rig.folder, "createrepo_c", arch)
    mkdirSync(into, { recursive: true })
    await runTool("createrepo_c", [
      "--quiet",
      "--no-database",
      `--outputdir=${into}`,
      "--pkglist",
      join(at, "pkglist"),
      at
    ])
    expect(await primaryFacts(into)).toEqual(await primaryFacts(at))
  })

  it("updates the metadata of a repo without open checksums", async () => {
    const from = published("shared directories", "x86_64")
    const at = join(rig.folder, "createrepo_c-update")
    await runTool("cp", ["-rL", from, at])
    expect(readFileSync(join(at, "repodata/repomd.xml"), "utf8")).not.toContain("open-checksum")
    await runTool("createrepo_c", ["--quiet", "--no-database", "--update", at])
    expect(await primaryFacts(at)).toEqual(await primaryFacts(from))
  })
})

/** Where packages lie by their checksums, as the metadata of a repository says. */
const primaryFacts = async (at: string): Promise<ReadonlyArray<string>> => {
  const href = /"(repodata\/[^"]*-primary\.xml\.[a-z]+)"/.exec(
    readFileSync(join(at, "repodata/repomd.xml"), "utf8")
  )?.[1]
  const xml = gunzipSync(readFileSync(join(at, href ?? ""))).toString()
  const packages = [...xml.matchAll(/pkgid="YES">([0-9a-f]+)<.*?<location href="([^"]*)"/gs)]
  return packages.map(([, sum, path]) => `${path} ${sum}`).sort()
}

describeWithTools("zypper", "rpm")("zypper", () => {
  describe.each(arches)("on %s", (arch) => {
    let zypper: ReturnType<typeof zypperIn>
    let listed: ReadonlyMap<string, ReadonlyArray<string>>

    beforeAll(async () => {
      zypper = zypperIn(join(rig.folder, `zypper-${arch}`), arch)
      for (const { name } of profiles) await zypper.add(name.replace(" ", "-"), published(name, arch))
      for (const [compression, path] of largeRepositories) await zypper.add(`large-${compression}`, path)
      await zypper.add("empty", join(lonely, "ppc64le"))
      await zypper.refresh()
      listed = await zypper.nevras()
    })

    it.each(profiles)("lists the packages of a repo exported with $name", async ({ name }) => {
      expect(listed.get(name.replace(" ", "-"))).toEqual(await nevrasOf(arch))
    })

    if (arch === "x86_64") {
      it.each(["gz", "zstd"])("lists all 300 packages of metadata in several parts of %s", (compression) => {
        expect(listed.get(`large-${compression}`)).toEqual(largeNevras)
      })
    }

    it("takes a repository without packages", () => {
      expect(listed.has("empty")).toBe(false)
    })

    it.each([gz, fedora])(
      "resolves dependencies in a repo exported with $name and fetches the files",
      async ({ name }) => {
        const alias = name.replace(" ", "-")
        await zypper.download(alias, wanted)
        expect(sums(zypper.packages(alias))).toEqual(
          Object.fromEntries(resolved(arch).map((file) => [file, sha256(bestCopy(file))]))
        )
      }
    )
  })

  it("sees the packages of the next repo behind latest", async () => {
    const zypper = zypperIn(join(rig.folder, "zypper-latest"), "x86_64")
    const hello = async () => {
      await zypper.refresh()
      return (await zypper.nevras()).get("latest")?.filter((nevra) => nevra.startsWith("hello-"))
    }
    await rig.publish({ missingSignatures: "skip", force: true })
    await zypper.add("latest", join(rig.tagDir(), "latest", "x86_64"))
    expect(await hello()).toEqual(["hello-0:1.0-1.x86_64"])
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    await rig.publish({ missingSignatures: "skip" })
    expect(await hello()).toEqual(["hello-0:1.1-1.x86_64"])
    await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
  })
})
