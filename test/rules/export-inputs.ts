import { Effect } from "effect"
import { Bytes, type InputOf, writeBlob } from "../../graph/index.ts"
import { writeDirectoryList } from "../../rules/directory-packages.ts"
import type { InternalRepo } from "../../rules/internal-repo.ts"
import { writeSnapshot } from "../../rules/snapshot.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { defaultsYaml, streamYaml } from "../repodata/modules/module-fixtures.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"
import { externalDocuments } from "./external-documents.ts"
import { fixtureRows } from "./fixture-rows.ts"

// What exports of the fixtures are asked for.

export const rows = fixtureRows()
export const topdir = "/mnt/koji"
export const stamp = { event: 7, time: 1_700_000_000 }
export const metadata = { changelogLimit: 10, openChecksum: true } as const
export const rpmArches = ["x86_64", "noarch"]
export const keys = [fixtureKeys.a, fixtureKeys.b]
export const snapshot = writeSnapshot(rows)

/** Modules, advisories and groups about some of the fixtures and about others. */
export const limited = Effect.gen(function* () {
  const nevras = rows.map(
    ({ arch, epoch, name, release, version }) => `${name}-${epoch ?? 0}:${version}-${release}.${arch}`
  )
  const listed = rows.map(({ arch, epoch, name }) => ({ name, arch, epoch: String(epoch ?? 0) }))
  const requests = ["gone", ...rows.map(({ name }) => name)].map((name) => `<packagereq>${name}</packagereq>`)
  const comps = `<comps><group><id>g</id><packagelist>${requests.join("")}</packagelist></group></comps>`
  return {
    rpmArches,
    filterComps: "packages" as const,
    additional: [{ type: "group", name: "comps.xml", content: yield* text(comps), compression: null }],
    modules: [{ name: "modules.yaml", content: yield* text(streamYaml({ rpms: nevras }) + defaultsYaml({})) }],
    updateinfo: [{ name: "updateinfo.xml", content: yield* text(updatesXml(advisoryXml({ collections: [listed] }))) }]
  }
})

export const text = (words: string) => writeBlob(Bytes, Buffer.from(words))

export const directory = (over: (row: (typeof rows)[number]) => object = () => ({})) =>
  writeDirectoryList(
    rows.map((rpm) => {
      const path = `${rpm.arch}/${fileName(rpm)}`
      return {
        path,
        href: path,
        file: rpm.primary,
        sigmd5: rpm.payloadhash,
        time: rpm.buildtime,
        checksum: null,
        ...over(rpm)
      }
    })
  )

export const internal = (options: Partial<InputOf<typeof InternalRepo>>) =>
  Effect.map(Effect.all({ snapshot, blocklist: text("blocked\n"), groups: text("<comps/>") }), (given) => ({
    ...given,
    stamp,
    arches: ["aarch64", "x86_64"],
    compression: "gz" as const,
    ...metadata,
    ...options
  }))

const externalRepo = (names: ReadonlyArray<string>, index: number) => {
  const { filelists, other, primary } = externalDocuments(names)
  return Effect.all({
    url: Effect.succeed(`http://example.org/${index}`),
    primary: writeBlob(Bytes, primary),
    filelists: writeBlob(Bytes, filelists),
    other: writeBlob(Bytes, other)
  })
}

/** Two repositories elsewhere that have a package in common. */
export const externalRepos = Effect.forEach(
  [
    ["hello", "other"],
    ["blocked", "other", "third"]
  ],
  externalRepo
)
