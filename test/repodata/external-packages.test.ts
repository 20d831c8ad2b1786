import { readFileSync } from "node:fs"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { closing, type DocumentKind, opening } from "../../src/repodata/documents.ts"
import { type ExternalPackage, externalPackages } from "../../src/repodata/external-packages.ts"
import { decodeFragments, packageFragments } from "../../src/repodata/package-fragments.ts"
import { fillPrimary } from "../../src/repodata/primary.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"

/** What we print of the fixtures. */
const printed = fixtureNames("unsigned").map((file, index) => {
  const head = Either.getOrThrow(readPackageHead(readFileSync(fixture("unsigned", file))))
  const sum = { checksumType: "sha256", checksum: String(index).padStart(64, "0"), size: 7 } as const
  const { primary, ...lists } = packageFragments(head, sum, { changelogLimit: 10 })
  const place = {
    timeFile: 1_700_000_000 + index,
    href: `Packages/${file}`,
    ...(index % 2 ? { base: "http://a/b&c" } : {})
  }
  return { file, place, primary: Buffer.concat(fillPrimary(primary, place)).toString(), ...lists }
})

const document = (kind: DocumentKind, elements: string): Uint8Array =>
  Buffer.concat([opening(kind, 1), Buffer.from(elements), closing(kind)])

const documentOf = (kind: DocumentKind): Uint8Array =>
  document(kind, printed.map((package_) => Buffer.from(package_[kind]).toString()).join(""))

const documents = { primary: documentOf("primary"), filelists: documentOf("filelists"), other: documentOf("other") }

/** A text as the same XML is written by others: without content there is one tag. */
const alike = (xml: string): string => xml.replace(/<([a-z:]+)([^<>]*)><\/\1>/g, "<$1$2/>")

/** A small repository, its documents changed as a test wants. */
const reading = (change: (kind: DocumentKind, xml: string) => string) => {
  const element: Readonly<Record<DocumentKind, string>> = {
    primary: `<package type="rpm"><name>a</name><arch>noarch</arch><version epoch="1" ver="2" rel="3"/><checksum type="sha256" pkgid="YES">ab</checksum><summary>&lt;b&gt; &amp; "q"</summary><time build="1" file="5"/><location href="a.rpm"/><format><rpm:sourcerpm>s-1-1.src.rpm</rpm:sourcerpm></format></package>`,
    filelists:
      '<package pkgid="ab" name="a" arch="noarch"><version epoch="1" ver="2" rel="3"/><file>/a</file></package>',
    other: '<package pkgid="ab" name="a" arch="noarch"><version epoch="1" ver="2" rel="3"/></package>'
  }
  const made = (kind: DocumentKind) => Buffer.from(change(kind, Buffer.from(document(kind, element[kind])).toString()))
  return externalPackages({ primary: made("primary"), filelists: made("filelists"), other: made("other") })
}

const textOf = ({ fragments }: ExternalPackage): Readonly<Record<DocumentKind, string>> => {
  const { filelists, other, primary } = Either.getOrThrow(decodeFragments(fragments))
  return {
    primary: Buffer.concat(primary).toString(),
    filelists: Buffer.from(filelists).toString(),
    other: Buffer.from(other).toString()
  }
}

describe("the packages of a repository elsewhere", () => {
  it("are those of its documents, each with all that they say of it", () => {
    const packages = Either.getOrThrow(externalPackages(documents))
    expect(packages.map(({ base, href, timeFile }) => ({ base, href, timeFile }))).toEqual(
      printed.map(({ place }) => ({ href: place.href, timeFile: place.timeFile, base: place.base ?? null }))
    )
    for (const [index, package_] of packages.entries()) {
      const { primary, ...lists } = Either.getOrThrow(decodeFragments(package_.fragments))
      const ours = printed[index]
      if (ours === undefined) throw new Error("more than were printed")
      expect(alike(Buffer.concat(fillPrimary(primary, ours.place)).toString())).toBe(alike(ours.primary))
      for (const kind of ["filelists", "other"] as const) {
        expect(alike(Buffer.from(lists[kind]).toString())).toBe(alike(Buffer.from(ours[kind]).toString()))
      }
    }
  })

  it("are told by name, version and arch, and by what they were built from", () => {
    const [package_] = Either.getOrThrow(reading((_, xml) => xml))
    expect(package_).toMatchObject({ name: "a", epoch: "1", version: "2", release: "3", arch: "noarch", timeFile: 5 })
    expect(package_?.sourceRpm).toBe("s-1-1.src.rpm")
    const sources = Either.getOrThrow(externalPackages(documents)).filter(({ arch }) => arch === "src")
    expect(new Set(sources.map(({ sourceRpm }) => sourceRpm))).toEqual(new Set([""]))
  })

  it("are printed anew, whatever the way in which they were written", () => {
    const [package_] = Either.getOrThrow(
      reading((kind, xml) =>
        kind === "primary" ? xml.replace('&lt;b&gt; &amp; "q"', '<![CDATA[<b> &]]> "q"<!-- </package> -->') : xml
      )
    )
    if (package_ === undefined) throw new Error("no package")
    expect(textOf(package_).primary).toContain(
      '<summary>&lt;b&gt; &amp; "q"</summary><time file="" build="1"/><location /><format>'
    )
  })

  it("listed twice by one checksum count once", () => {
    const twice = reading((_, xml) => xml.replace(/<package .*<\/package>/s, "$&\n$&"))
    expect(Either.getOrThrow(twice)).toHaveLength(1)
  })

  const refused: ReadonlyArray<
    readonly [what: string, change: (kind: DocumentKind, xml: string) => string, why: RegExp]
  > = [
    ["no XML", (kind, xml) => (kind === "other" ? xml.slice(0, -5) : xml), /unclosed/i],
    ["another root", (_, xml) => xml.replaceAll("metadata", "metadate"), /root is metadate/],
    ["another namespace", (_, xml) => xml.replace("metadata/common", "metadata/rare"), /namespace/],
    ["a foreign prefix", (_, xml) => xml.replace("<file>", "<x:file>").replace("</file>", "</x:file>"), /x:file/],
    [
      "entities of its own",
      (_, xml) => xml.replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>'),
      /declarations of its own/
    ],
    [
      "no package in filelists",
      (kind, xml) => (kind === "filelists" ? xml.replace('"ab"', '"cd"') : xml),
      /filelists lacks a-2-3/
    ],
    ["no package in other", (kind, xml) => (kind === "other" ? xml.replace('"ab"', '"cd"') : xml), /other lacks a-2-3/],
    [
      "no location",
      (_, xml) => xml.replace('<location href="a.rpm"/>', ""),
      /without name, arch, version, release or location/
    ],
    ["two locations", (_, xml) => xml.replace('<location href="a.rpm"/>', "$&$&"), /not one time and one location/],
    ["no name", (_, xml) => xml.replace("<name>a</name>", ""), /without name/]
  ]
  it.each(refused)("are refused with %s", (_, change, why) => {
    expect(Either.getOrThrow(Either.flip(reading(change))).message).toMatch(why)
  })
})
