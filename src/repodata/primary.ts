import { archiveSize, installedSize, sourceRpm } from "../rpm/merged-view.ts"
import type { PackageHead } from "../rpm/package-head.ts"
import { Tag } from "../rpm/tags.ts"
import type { ChecksumType } from "./checksum-type.ts"
import { dependencyElements } from "./dependencies.ts"
import type { FileElements } from "./file-list.ts"
import type { PackageIdentity } from "./package-identity.ts"
import { byteString, bytesOf, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/**
 * A package's element of primary.xml but for the two facts that are not the package's own: the value of `time/@file`
 * belongs between the first and the second piece, the attributes of `location` between the second and the third.
 */
export type PrimaryPieces<Piece = Uint8Array> = readonly [Piece, Piece, Piece]

/** Checksum (in lower-case hex) and size in bytes of a whole package file. */
export interface PackageFile {
  readonly checksumType: ChecksumType
  readonly checksum: string
  readonly size: number
}

/** Prints a package for primary.xml, as byte strings. Source: createrepo_c 1.2's output. */
export const primaryPieces = (
  head: PackageHead,
  file: PackageFile,
  identity: PackageIdentity,
  files: FileElements,
  report: Report
): PrimaryPieces<string> => {
  const { main } = head
  const element = (name: string, value: string | undefined, field: string): string =>
    `<${name}>${value === undefined ? "" : xmlText(value, field, report)}</${name}>\n`
  const text = (name: string, tag: number): string => `  ${element(name, main.byteString(tag), name)}`
  const format = (name: string, tag: number): string => `    ${element(`rpm:${name}`, main.byteString(tag), name)}`
  return [
    `<package type="rpm">\n  <name>${identity.nameText}</name>\n  <arch>${identity.archText}</arch>\n${identity.version}` +
      `  <checksum type="${file.checksumType}" pkgid="YES">${file.checksum}</checksum>\n` +
      text("summary", Tag.summary) +
      text("description", Tag.description) +
      text("packager", Tag.packager) +
      text("url", Tag.url) +
      '  <time file="',
    `" build="${main.decimal(Tag.buildTime) ?? "0"}"/>\n` +
      `  <size package="${file.size}" installed="${installedSize(head)}" archive="${archiveSize(head)}"/>\n` +
      "  <location ",
    "/>\n  <format>\n" +
      format("license", Tag.license) +
      format("vendor", Tag.vendor) +
      format("group", Tag.group) +
      format("buildhost", Tag.buildHost) +
      `    ${element("rpm:sourcerpm", sourceRpm(head), "sourcerpm")}` +
      `    <rpm:header-range start="${head.headerStart}" end="${head.headerEnd}"/>\n` +
      dependencyElements(head, (path) => files.primaryPaths.has(path), report) +
      files.primary +
      "  </format>\n</package>\n"
  ]
}

/** Where a repository has a package: what fills the holes of its primary fragment. */
export interface PackagePlace {
  /** Seconds since the epoch. */
  readonly timeFile: number
  /** Path relative to the repository (or to `base`); escaped for XML here, never percent-encoded. */
  readonly href: string
  /** URL that `href` is relative to; an absolute path becomes a `file:` URL. */
  readonly base?: string
}

/** The whole element of primary.xml for a package at one place, in pieces to be put one behind the other. */
export const fillPrimary = (pieces: PrimaryPieces, place: PackagePlace): ReadonlyArray<Uint8Array> => [
  pieces[0],
  bytesOf(place.timeFile.toString()),
  pieces[1],
  bytesOf(locationAttributes(place)),
  pieces[2]
]

/** The value of `rpm:sourcerpm` as it is printed; empty for a source package. */
export const printedSourceRpm = ([, , rest]: PrimaryPieces): string => {
  const bytes = Buffer.from(rest.buffer, rest.byteOffset, rest.length)
  // texts are escaped, so the first tag of this name is the element's
  const tag = bytes.indexOf(SOURCE_RPM)
  if (tag < 0) return ""
  const start = tag + SOURCE_RPM.length
  return bytes.toString("latin1", start, bytes.indexOf("<", start))
}

const SOURCE_RPM = "<rpm:sourcerpm>"

const locationAttributes = ({ href, base = "" }: PackagePlace): string => {
  const url = base.startsWith("/") ? `file://${base}` : base
  return url === "" ? attribute("href", href) : `${attribute("xml:base", url)} ${attribute("href", href)}`
}

const attribute = (name: string, value: string): string =>
  `${name}="${xmlAttribute(byteString(value), "location", ignore)}"`

/** Paths are checked before they come here; what cannot be printed is replaced all the same. */
const ignore: Report = () => undefined
