import { rpmvercmp } from "../rpm/evr.ts"
import { type DependencyLists, provides } from "../rpm/merged-view.ts"
import type { PackageHead } from "../rpm/package-head.ts"
import { Tag } from "../rpm/tags.ts"
import { type Report, xmlAttribute } from "./xml-text.ts"

/**
 * The dependency elements of a primary fragment, from `rpm:provides` to `rpm:supplements`, as a byte string.
 * `isOwnPrimaryFile` tells whether a path is one of the package's own files that primary.xml lists: what the package
 * requires of itself is left out, as are `rpmlib(` features, repetitions, and all but the newest symbol version of libc.
 * Source: createrepo_c 1.2's rules.
 */
export const dependencyElements = (
  head: PackageHead,
  isOwnPrimaryFile: (path: string) => boolean,
  report: Report
): string => {
  const { main } = head
  const read = (name: number, flags: number, version: number): DependencyLists => ({
    names: main.has(flags) && main.has(version) ? main.byteStrings(name) : [],
    flags: main.numbers(flags),
    versions: main.byteStrings(version)
  })
  const element = new Map(KINDS.map((kind) => [kind, new Group(kind, report)] as const))
  const group = (kind: Kind): Group => element.get(kind) ?? new Group(kind, report)

  const provided = new Set<string>()
  group("provides").addAll(provides(head), provided)
  group("conflicts").addAll(read(Tag.conflictName, Tag.conflictFlags, Tag.conflictVersion))
  group("obsoletes").addAll(read(Tag.obsoleteName, Tag.obsoleteFlags, Tag.obsoleteVersion))
  addRequires(
    read(Tag.requireName, Tag.requireFlags, Tag.requireVersion),
    group("requires"),
    group("recommends"),
    provided,
    isOwnPrimaryFile
  )
  group("suggests").addAll(read(Tag.suggestName, Tag.suggestFlags, Tag.suggestVersion))
  group("enhances").addAll(read(Tag.enhanceName, Tag.enhanceFlags, Tag.enhanceVersion))
  group("recommends").addAll(read(Tag.recommendName, Tag.recommendFlags, Tag.recommendVersion))
  group("supplements").addAll(read(Tag.supplementName, Tag.supplementFlags, Tag.supplementVersion))
  addOldWeak(
    read(Tag.oldSuggestName, Tag.oldSuggestFlags, Tag.oldSuggestVersion),
    group("recommends"),
    group("suggests")
  )
  addOldWeak(
    read(Tag.oldEnhanceName, Tag.oldEnhanceFlags, Tag.oldEnhanceVersion),
    group("supplements"),
    group("enhances")
  )
  return KINDS.map((kind) => group(kind).toXml()).join("")
}

/** In the order of printing. */
const KINDS = [
  "provides",
  "requires",
  "conflicts",
  "obsoletes",
  "suggests",
  "enhances",
  "recommends",
  "supplements"
] as const
type Kind = (typeof KINDS)[number]

const MISSING_OK = 1 << 19
const STRONG = 1 << 27
/** Scriptlets that run in the package's own transaction: PREREQ, SCRIPT_PRE, SCRIPT_POST, POSTTRANS, PRETRANS. */
const PRE = 0x40 | 0x200 | 0x400 | 0x20 | 0x80

/** The entries of one kind, printed as they come. */
class Group {
  readonly #kind: Kind
  readonly #report: Report
  #count = 0
  #xml = ""
  #lastVersion: string | undefined
  #lastWord = ""
  #lastAttributes: string | undefined

  constructor(kind: Kind, report: Report) {
    this.#kind = kind
    this.#report = report
  }

  add(name: string, flags: number, version: string, pre = false): boolean {
    const entry = this.entry(name, flags, version, pre)
    if (entry === undefined) return false
    this.append(entry)
    return true
  }

  append(entry: string): void {
    this.#count += 1
    this.#xml += entry
  }

  /** Adds a whole list; `added` gets the text "name, flag word, version" of each entry that counts. */
  addAll(list: DependencyLists, added?: Set<string>): void {
    forEachDependency(list, (name, flags, version) => {
      if (this.add(name, flags, version)) added?.add(name + flagWord(flags) + version)
    })
  }

  /** One entry; empty if it has no name, which counts but does not print; undefined if its epoch is no number. */
  entry(name: string, flags: number, version: string, pre: boolean): string | undefined {
    const attributes = this.#versionAttributes(flagWord(flags), version)
    if (attributes === undefined || name === "") return attributes === undefined ? undefined : ""
    const escaped = xmlAttribute(name, this.#kind, this.#report)
    return `      <rpm:entry name="${escaped}"${attributes}${pre ? ' pre="1"/>\n' : "/>\n"}`
  }

  toXml(): string {
    if (this.#count === 0) return ""
    const name = `rpm:${this.#kind}`
    return this.#xml === "" ? `    <${name}/>\n` : `    <${name}>\n${this.#xml}    </${name}>\n`
  }

  /** Neighbours in a list mostly have the same version, so the last answer is kept. */
  #versionAttributes(word: string, version: string): string | undefined {
    if (version !== this.#lastVersion || word !== this.#lastWord) {
      this.#lastVersion = version
      this.#lastWord = word
      this.#lastAttributes = versionAttributes(word, version, (part) => xmlAttribute(part, this.#kind, this.#report))
    }
    return this.#lastAttributes
  }
}

const forEachDependency = (
  { names, flags, versions }: DependencyLists,
  use: (name: string, flags: number, version: string) => void
): void => {
  const count = Math.min(names.length, flags.length, versions.length)
  for (let i = 0; i < count; i += 1) use(names[i] ?? "", flags[i] ?? 0, versions[i] ?? "")
}

/** The comparison in a dependency's flags; "" where it is none that metadata can say. */
const flagWord = (flags: number): string => {
  switch (flags & 0xf) {
    case 2:
      return "LT"
    case 4:
      return "GT"
    case 8:
      return "EQ"
    case 10:
      return "LE"
    case 12:
      return "GE"
    default:
      return ""
  }
}

const versionAttributes = (word: string, version: string, escaped: (part: string) => string): string | undefined => {
  if (version === "") return word === "" ? "" : ` flags="${word}"`
  const colon = version.indexOf(":")
  // what C's strtol reads to its end, printed as it stands
  if (colon > 0 && !/^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(version.slice(0, colon))) return undefined
  if (word === "") return ""
  const epoch = colon > 0 ? version.slice(0, colon) : "0"
  const dash = version.indexOf("-", colon + 1)
  const ver = version.slice(colon + 1, dash < 0 ? version.length : dash)
  const rel = dash < 0 ? "" : version.slice(dash + 1)
  return ` flags="${word}" epoch="${escaped(epoch)}"${ver === "" ? "" : ` ver="${escaped(ver)}"`}${
    rel === "" ? "" : ` rel="${escaped(rel)}"`
  }`
}

const addRequires = (
  list: DependencyLists,
  requires: Group,
  recommends: Group,
  provided: ReadonlySet<string>,
  isOwnPrimaryFile: (path: string) => boolean
): void => {
  const lastOfName = new Map<string, string>()
  let libc: { readonly name: string; readonly entry: string } | undefined
  forEachDependency(list, (name, flags, version) => {
    if (name.startsWith("rpmlib(")) return
    if (name.startsWith("/") && isOwnPrimaryFile(name)) return
    const word = flagWord(flags)
    if (provided.has(name + word + version)) return
    const pre = (flags & PRE) !== 0
    const identity = `${word} ${pre ? "pre " : ""}${version}`
    if (lastOfName.get(name) === identity) return
    if ((flags & MISSING_OK) !== 0) {
      recommends.add(name, flags, version)
      return
    }
    const entry = requires.entry(name, flags, version, pre)
    if (entry === undefined) return
    if (name.startsWith("libc.so.6")) {
      if (libc === undefined || compareLibc(libc.name, name) < 0) libc = { name, entry }
      return
    }
    requires.append(entry)
    lastOfName.set(name, identity)
  })
  if (libc !== undefined) requires.append(libc.entry)
}

/** Old SUSE packages had weak dependencies of two strengths under one tag. */
const addOldWeak = (list: DependencyLists, strong: Group, weak: Group): void =>
  forEachDependency(list, (name, flags, version) => {
    const group = (flags & STRONG) === 0 ? weak : strong
    group.add(name, flags, version)
  })

/** Orders `libc.so.6(GLIBC_2.4)(64bit)` and the like by the symbol version in the first parentheses. */
const compareLibc = (a: string, b: string): number => {
  const aOpen = a.indexOf("(")
  const bOpen = b.indexOf("(")
  if (aOpen < 0 || bOpen < 0) return Number(aOpen >= 0) - Number(bOpen >= 0)
  const inA = a.slice(aOpen + 1)
  const inB = b.slice(bOpen + 1)
  const empty = Number(!inA.startsWith(")")) - Number(!inB.startsWith(")"))
  if (empty !== 0 || inA.startsWith(")")) return empty
  const aClose = inA.indexOf(")")
  const bClose = inB.indexOf(")")
  if (aClose < 0 || bClose < 0) return Number(aClose >= 0) - Number(bClose >= 0)
  const aDigit = inA.slice(0, aClose).search(/[0-9]/)
  const bDigit = inB.slice(0, bClose).search(/[0-9]/)
  if (aDigit < 0 || bDigit < 0) return Number(aDigit >= 0) - Number(bDigit >= 0)
  return rpmvercmp(inA.slice(aDigit, aClose), inB.slice(bDigit, bClose))
}
