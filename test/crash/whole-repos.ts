import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"
import { expect } from "vitest"
import type { RepoRow } from "../../src/hub/model.ts"
import type { ExportRig } from "../kit/export-rig.ts"

/** A repo as its readers see it: the names of the package files of each arch, sorted. */
export type RepoContent = Readonly<Record<string, ReadonlyArray<string>>>

/**
 * Checks every READY repo of a tag, and that `latest` leads to one of them. Gives the rows and the content of the repo that
 * `latest` names. A tag without any READY repo is wrong too.
 */
export const expectWholeRepos = async (rig: ExportRig, tag = "demo") => {
  const rows = await rig.hub((hub) => hub.repos(tag))
  const contents = new Map<number, RepoContent>()
  for (const { id, state } of rows) if (state === "READY") contents.set(id, readWholeRepo(rig.tagDir(tag), id))
  const latest = Number(readlinkSync(join(rig.tagDir(tag), "latest")))
  const content = contents.get(latest)
  if (content === undefined) throw new Error(`latest leads to ${latest}, which is not READY: ${statesOf(rows)}`)
  return { rows, latest, content }
}

/** What a repo of all latest builds of a tag has to hold now, by the hub's own listing. */
export const contentByTheHub = (rig: ExportRig, tag = "demo"): Promise<RepoContent> =>
  rig.hub((hub) =>
    Effect.gen(function* () {
      const { arches } = yield* hub.tagInfo(tag)
      const { rpms } = yield* hub.listTaggedRpms(tag, { event: null, inherit: true, latest: true })
      return Object.fromEntries(
        arches.split(" ").map((arch) => [
          arch,
          rpms
            .filter((rpm) => rpm.arch === arch || rpm.arch === "noarch")
            .map((rpm) => `${rpm.name}-${rpm.version}-${rpm.release}.${rpm.arch}.rpm`)
            .sort()
        ])
      )
    })
  )

/** Checks that an export left nothing unfinished: no row in INIT, nothing beside the repos, no tree half made. */
export const expectNothingLeftOver = async (rig: ExportRig, tag = "demo"): Promise<void> => {
  const rows = await rig.hub((hub) => hub.repos(tag))
  expect(rows.filter(({ state }) => state === "INIT")).toEqual([])
  const ready = rows.filter(({ state }) => state === "READY").map(({ id }) => String(id))
  expect(readdirSync(rig.tagDir(tag)).sort()).toEqual([...ready, "latest"].sort())
  for (const { name } of await rig.hub((hub) => hub.volumes)) {
    const there = join(rig.topdir, "vol", name, "repos-dist", tag)
    const own = rows.filter(({ state, volume }) => state === "READY" && volume === name).map(({ id }) => String(id))
    if (existsSync(there)) expect(readdirSync(there).sort(), `volume ${name}`).toEqual(own.sort())
  }
  const trees = join(rig.topdir, "repos-dist/.trees")
  if (existsSync(trees)) expect(readdirSync(trees).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([])
}

const statesOf = (rows: ReadonlyArray<RepoRow>): string => rows.map(({ id, state }) => `${id} ${state}`).join(", ")

/** Reads a repo as a client would, following each checksum from repomd.xml down to the packages. */
const readWholeRepo = (tagDir: string, id: number): RepoContent => {
  const at = join(tagDir, String(id))
  expect(JSON.parse(readFileSync(join(at, "repo.json"), "utf8")), `repo.json of ${at}`).toMatchObject({ id })
  const arches = readdirSync(at, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  return Object.fromEntries(arches.sort().map((arch) => [arch, readWholeArch(join(at, arch))]))
}

const readWholeArch = (at: string): ReadonlyArray<string> => {
  const texts = new Map<string, string>()
  for (const [, type = "", record = ""] of read(at, "repodata/repomd.xml").matchAll(
    /<data type="([a-z]+)">(.*?)<\/data>/gs
  )) {
    const bytes = readFileSync(join(at, inElement(record, /<location href="([^"]+)"/)))
    const opened = gunzipSync(bytes)
    expect([sha256(bytes), sha256(opened), String(bytes.length), String(opened.length)], `${type} of ${at}`).toEqual([
      inElement(record, /<checksum type="sha256">([0-9a-f]+)</),
      inElement(record, /<open-checksum type="sha256">([0-9a-f]+)</),
      inElement(record, /<size>(\d+)</),
      inElement(record, /<open-size>(\d+)</)
    ])
    texts.set(type, opened.toString())
  }
  expect([...texts.keys()], `the metadata of ${at}`).toEqual(["primary", "filelists", "other"])
  const primary = texts.get("primary") ?? ""
  const packages = [...primary.matchAll(/<package type="rpm">(.*?)<\/package>/gs)].map(([, element = ""]) => {
    const href = inElement(element, /<location href="([^"]+)"/)
    const sum = inElement(element, /<checksum type="sha256" pkgid="YES">([0-9a-f]+)</)
    expect(sha256(readFileSync(join(at, href))), `${href} of ${at}`).toBe(sum)
    return href
  })
  expect(inElement(primary, /<metadata [^>]*packages="(\d+)"/)).toBe(String(packages.length))
  const files = readdirSync(join(at, "Packages")).flatMap((letter) =>
    readdirSync(join(at, "Packages", letter)).map((name) => `Packages/${letter}/${name}`)
  )
  expect(files.sort(), `the packages of ${at}`).toEqual(packages.toSorted())
  expect(read(at, "pkglist").trimEnd().split("\n").sort(), `pkglist of ${at}`).toEqual(files)
  const names = files.map((file) => file.replace(/^.*\//, ""))
  expect(Object.keys(JSON.parse(read(at, "kojipkgs"))).sort(), `kojipkgs of ${at}`).toEqual(names.toSorted())
  return names.sort()
}

const read = (at: string, path: string): string => readFileSync(join(at, path), "utf8")

const inElement = (xml: string, pattern: RegExp): string => {
  const found = pattern.exec(xml)?.[1]
  if (found === undefined) throw new Error(`no ${pattern} in ${xml.slice(0, 500)}`)
  return found
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
