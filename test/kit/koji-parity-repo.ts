import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { metadataOf, repomdOf } from "../export/published.ts"
import {
  archOf,
  type MetadataKind,
  metadataKinds,
  type PackageElement,
  packageElements
} from "./koji-parity-packages.ts"
import type { KojiReplay } from "./koji-parity-replay.ts"
import { type KojiVariant, kojiText, readKojiVariant, tagOf } from "./koji-parity-variant.ts"

/** All that is compared of one repository, but for its packages' files. */
export interface RepositoryContent {
  /** As a set. */
  readonly pkglist: ReadonlyArray<string>
  /** As a set; the order of each entry's fields counts. A sub-repository has none of its own. */
  readonly kojipkgs: ReadonlyArray<{
    readonly file: string
    readonly fields: ReadonlyArray<readonly [string, unknown]>
  }>
  readonly metadata: ReadonlyArray<{
    readonly kind: MetadataKind
    /** The document without its packages. */
    readonly frame: string
    readonly packages: ReadonlyArray<PackageElement>
  }>
  /** The records of repomd.xml in their order: type, end of the file name, names of the elements. */
  readonly records: ReadonlyArray<ReadonlyArray<string>>
}

export const ourContent = (repo: string, place: string): RepositoryContent => ({
  pkglist: sortedLines(readFileSync(join(repo, place, "pkglist"), "utf8")),
  kojipkgs: isArch(place) ? entriesOf(parsePackages(readFileSync(join(repo, place, "kojipkgs"), "utf8"))) : [],
  metadata: metadataKinds.map((kind) => {
    const document = metadataOf(repo, place, kind)
    return { kind, frame: frameOf(document), packages: packageElements(document) }
  }),
  records: recordsOf(repomdOf(repo, place))
})

const isArch = (place: string): boolean => archOf(place) === place

/** What Koji made, with our ids and topdir, the sums of the files that it published, and its databases compressed as ours are. */
export const kojiContent = (
  variant: string,
  place: string,
  { rpmIds, topdir }: KojiReplay,
  packages: (kind: MetadataKind) => ReadonlyArray<PackageElement>
): RepositoryContent => {
  const text = (...file: ReadonlyArray<string>) => kojiText(variant, "files", place, ...file)
  // createrepo_c 2.0.0 keeps the groups of the repo before
  const asksForGroups = readKojiVariant(variant).args.includes("--comps")
  return {
    pkglist: sortedLines(text("pkglist")),
    kojipkgs: entriesOf(
      Object.fromEntries(
        Object.entries(isArch(place) ? parsePackages(text("kojipkgs")) : {}).map(([file, fields]) => {
          const { buildId, id } = rpmIds.get(file) ?? {}
          const path = pathOf(variant, file, fields).replace("/mnt/koji", topdir)
          return [file, { ...fields, build_id: buildId, id, _pkgpath: path }]
        })
      )
    ),
    metadata: metadataKinds.map((kind) => ({
      kind,
      frame: frameOf(text("repodata", `${kind}.xml`)),
      packages: packages(kind)
    })),
    records: recordsOf(compressedAlike(text("repodata", "repomd.xml"))).filter(
      ([type = ""]) => !(type.startsWith("group") && !asksForGroups)
    )
  }
}

/** Its databases have bzip2, ours what the other metadata has. */
const compressedAlike = (repomd: string): string => {
  const [, suffix = "gz"] = /-primary\.xml\.(\w+)"/.exec(repomd) ?? []
  return repomd.replace(/\.sqlite\.bz2"/g, `.sqlite.${suffix}"`)
}

/** The text of Koji's `repo.json`, with our ids, and without the option that tells createrepo_c what to look at. */
export const kojiRepoJson = (variant: KojiVariant, id: number, { hubEvent, repoId, tagIds }: KojiReplay): string =>
  (variant.byPlugin ? withAllOptions(kojiText(variant.name, "repo.json")) : kojiText(variant.name, "repo.json"))
    .replace(/^( *"id": )\d+/m, `$1${id}`)
    .replace(/^( *"tag_id": )\d+/m, `$1${tagIds.get(tagOf(variant))}`)
    .replace(/^( *"delta": \[\s*)(\d+)/m, (_, name: string, repo: string) => `${name}${repoId(Number(repo))}`)
    .replace(/^( *"event": )(\d+)/m, (_, name: string, event: string) => `${name}${hubEvent(Number(event))}`)
    .replace(/,\s*"createrepo_skip_stat": \w+/, "")
    // where the client had uploaded it
    .replace(/^( *"(?:comps|multilib)": ")[^"]*\//m, "$1")

/** Koji takes 32-bit packages from the repository of their arch that it has just made, we from where that has them from. */
const pathOf = (variant: string, file: string, { _multilib, _pkgpath }: Readonly<Record<string, unknown>>): string =>
  String(
    _multilib === true ? parsePackages(kojiText(variant, "files", "i386", "kojipkgs"))[file]?.["_pkgpath"] : _pkgpath
  )

const Packages = Schema.Record({
  key: Schema.String,
  value: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})
const parsePackages = Schema.decodeSync(Schema.parseJson(Packages))

const entriesOf = (packages: typeof Packages.Type): RepositoryContent["kojipkgs"] =>
  Object.entries(packages)
    .map(([file, fields]) => ({ file, fields: Object.entries(fields) }))
    .sort((a, b) => (a.file < b.file ? -1 : 1))

const sortedLines = (text: string): ReadonlyArray<string> => text.split("\n").sort()

/** Versions of createrepo_c differ in line breaks. */
const frameOf = (document: string): string => document.replace(/<package .*<\/package>/s, "").replace(/\s*\n\s*/g, "")

const recordsOf = (repomd: string): RepositoryContent["records"] =>
  repomd
    .split("<data ")
    .slice(1)
    .map((record) => [
      /type="([^"]*)"/.exec(record)?.[1] ?? "",
      /href="repodata\/[0-9a-f]{64}(-[^"]*)"/.exec(record)?.[1] ?? "",
      ...(record.match(/<[a-z-]+( type="\w+")?/g) ?? [])
    ])

/** The plugin misspells one option and leaves others out. With keys it has written signed copies itself. */
const withAllOptions = (repoJson: string): string =>
  repoJson
    .replace('"comp": null', '"comps": null')
    .replace('"multilib": false', '"multilib": null')
    .replace(/^( *)("event": null,)\n/m, '$1$2\n$1"volume": null,\n')
    .replace(
      /^( *)("allow_missing_signatures": (true|false))\n/m,
      (_, indent: string, option: string, allowed: string) =>
        [option, '"zck": false', '"zck_dict_dir": null', `"write_signed_rpms": ${allowed === "false"}`]
          .map((line) => indent + line)
          .join(",\n")
          .concat("\n")
    )
