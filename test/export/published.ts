import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { contentOf } from "../kit/export-rig.ts"

/** What a repo is to its readers: everything but its id. */
export const repoContent = (repo: string): Readonly<Record<string, string>> => ({
  ...contentOf(repo),
  "repo.json": readFileSync(join(repo, "repo.json"), "utf8").replace(/"id": \d+/, '"id": …')
})

/** The same, but for dates: what stays where only the time of the newest event is another. */
export const undatedContent = (repo: string): Readonly<Record<string, string>> => ({
  ...repoContent(repo),
  ...Object.fromEntries(arches(repo).map((arch) => [`${arch}/repodata/repomd.xml`, undated(repomdOf(repo, arch))]))
})

/** The arches that a repo has a repository for. */
export const arches = (repo: string): ReadonlyArray<string> =>
  readdirSync(repo).filter((name) => existsSync(join(repo, name, "repodata")))

export const repomdOf = (repo: string, arch: string): string =>
  readFileSync(join(repo, arch, "repodata/repomd.xml"), "utf8")

/** The file that repomd.xml has under a type, as it is stored. */
export const repodataFile = (repo: string, arch: string, type: string): Buffer => {
  const data = repomdOf(repo, arch)
    .split("<data ")
    .find((element) => element.startsWith(`type="${type}"`))
  return readFileSync(join(repo, arch, /href="([^"]*)"/.exec(data ?? "")?.[1] ?? ""))
}

/** The text of primary, filelists or other, as repomd.xml names it. */
export const metadataOf = (
  repo: string,
  arch: string,
  kind: "primary" | "filelists" | "other" | "prestodelta"
): string => {
  const file = repodataFile(repo, arch, kind)
  return (file[0] === 0x1f ? gunzipSync(file) : zstdDecompressSync(file)).toString()
}

/** Each package that primary.xml lists: the checksum it has there and that of the file which lies where it is said to lie. */
export const checksums = (
  repo: string,
  arch: string
): ReadonlyArray<{ readonly href: string; readonly listed: string; readonly actual: string }> =>
  metadataOf(repo, arch, "primary")
    .split("<package ")
    .slice(1)
    .map((element) => {
      const href = /<location href="([^"]*)"/.exec(element)?.[1] ?? ""
      const listed = />([0-9a-f]{64})<\/checksum>/.exec(element)?.[1] ?? ""
      return { href, listed, actual: sha256(readFileSync(join(repo, arch, href))) }
    })

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const undated = (repomd: string): string =>
  repomd.replace(/<(revision|timestamp)>\d+</g, (_, element: string) => `<${element}>…<`)
