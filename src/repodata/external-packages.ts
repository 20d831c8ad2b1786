import { Either } from "effect"
import { documentRoots } from "./documents.ts"
import { encodeFragments } from "./package-fragments.ts"
import { BadXml, readXml } from "./xml-reader.ts"
import { byteString, type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/** A package as a repository elsewhere lists it. */
export interface ExternalPackage {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly sourceRpm: string
  /** Its fragments, as {@link encodeFragments} has them: printed anew, so what was no proper XML cannot come through. */
  readonly fragments: Uint8Array
  readonly href: string
  /** Its own base URL; null for the repository's. */
  readonly base: string | null
  /** `time/@file`, in Unix seconds. */
  readonly timeFile: number
}

/**
 * Splits the three (uncompressed) documents of a repository into its packages, in the order of primary; one that is listed twice by the same
 * checksum counts once. All that is in them stays, but comments, and is printed as our own. Fails where a package is not in all three, or
 * lacks what tells it from others.
 */
export const externalPackages = (documents: {
  readonly primary: Uint8Array
  readonly filelists: Uint8Array
  readonly other: Uint8Array
}): Either.Either<ReadonlyArray<ExternalPackage>, BadXml> =>
  Either.gen(function* () {
    const primary = yield* packageElements(documents.primary, "primary")
    const filelists = yield* listElements(documents.filelists, "filelists")
    const other = yield* listElements(documents.other, "other")
    const packages = new Map<string, ExternalPackage>()
    for (const element of primary) {
      const pkgid = element.texts.get("checksum") ?? ""
      if (packages.has(pkgid)) continue
      packages.set(pkgid, yield* packageOf(element, filelists.get(pkgid), other.get(pkgid)))
    }
    return [...packages.values()]
  })

/** A package's element of one document. */
interface Element {
  /** Of the package's own attributes. */
  readonly attributes: Attributes
  /** Printed, as byte strings: up to where the value of `time/@file` belongs, from there to the attributes of `location`, and the rest. */
  readonly pieces: ReadonlyArray<string>
  /** Of the elements in it: the text of the first of each name. */
  readonly texts: ReadonlyMap<string, string>
  /** Of `version`, `time` and `location`. */
  readonly inner: ReadonlyMap<string, Attributes>
}

type Attributes = Readonly<Record<string, string>>

const packageOf = (
  { inner, pieces, texts }: Element,
  filelists: string | undefined,
  other: string | undefined
): Either.Either<ExternalPackage, BadXml> => {
  const [name, arch] = [texts.get("name") ?? "", texts.get("arch") ?? ""]
  const { epoch = "0", rel: release = "", ver: version = "" } = inner.get("version") ?? {}
  const { href = "", "xml:base": base = "" } = inner.get("location") ?? {}
  const [before, between, after] = pieces
  if (name === "" || arch === "" || version === "" || release === "" || href === "") {
    return bad(`primary has a package without name, arch, version, release or location (${name || href || "?"})`)
  }
  if (after === undefined || before === undefined || between === undefined || pieces.length !== 3) {
    return bad(`primary has not one time and one location, in this order, of ${name}`)
  }
  if (filelists === undefined) return bad(`filelists lacks ${name}-${version}-${release}.${arch}, which primary has`)
  if (other === undefined) return bad(`other lacks ${name}-${version}-${release}.${arch}, which primary has`)
  return Either.right({
    name,
    epoch,
    version,
    release,
    arch,
    sourceRpm: texts.get("rpm:sourcerpm") ?? "",
    fragments: encodeFragments({
      primary: [before, between, after],
      filelists,
      other,
      warnings: []
    }),
    href,
    base: base === "" ? null : base,
    timeFile: Number(/^\d{1,15}/.exec(inner.get("time")?.["file"] ?? "")?.[0] ?? 0)
  })
}

/** By pkgid, printed. */
const listElements = (
  document: Uint8Array,
  kind: "filelists" | "other"
): Either.Either<ReadonlyMap<string, string>, BadXml> =>
  Either.map(
    packageElements(document, kind),
    (elements) => new Map(elements.map(({ attributes, pieces }) => [attributes["pkgid"] ?? "", pieces.join("")]))
  )

const packageElements = (
  document: Uint8Array,
  kind: keyof typeof documentRoots
): Either.Either<ReadonlyArray<Element>, BadXml> => {
  const reading = new Reading(kind)
  return Either.flatMap(readXml(document, reading), () => reading.finished())
}

/** Prints the packages of a document anew while it is read. */
class Reading {
  readonly #kind: keyof typeof documentRoots
  readonly #elements: Array<Element> = []
  /** Names of the open elements, outermost first. */
  readonly #path: Array<string> = []
  #attributes: Attributes = {}
  #pieces: Array<string> = []
  #printed: Array<string> = []
  #texts = new Map<string, string>()
  #inner = new Map<string, Attributes>()
  /** The last beginning of an element, which becomes an empty one where nothing follows but its end. */
  #begun: string | null = null
  #problem: string | null = null

  constructor(kind: keyof typeof documentRoots) {
    this.#kind = kind
  }

  readonly open = (name: string, attributes: Attributes): void => {
    this.#path.push(name)
    if (this.#path.length === 1) {
      this.#checkRoot(name, attributes)
      return
    }
    if (this.#path.length === 2) {
      this.#attributes = attributes
      this.#pieces = []
      this.#printed = []
      this.#texts = new Map()
      this.#inner = new Map()
    }
    if (name.includes(":") && !/^rpm:[^:]+$/.test(name))
      this.#problem ??= `<${name}> is of a namespace that is not known`
    this.#settle()
    const own = this.#kind === "primary" && this.#path.length === 3
    if (own && ["version", "time", "location"].includes(name)) this.#inner.set(name, attributes)
    if (own && name === "time") this.#hole('<time file="', attributes, ["file"], '"')
    else if (own && name === "location") this.#hole("<location ", attributes, ["href", "xml:base"], "")
    else this.#begun = `<${byteString(name)}${printedAttributes(attributes)}`
  }

  readonly text = (text: string): void => {
    if (this.#path.length < 2) return
    this.#settle()
    this.#printed.push(xmlText(byteString(text), "", ignore))
    const name = this.#path.at(-1) ?? ""
    if (this.#kind === "primary" && depths.get(name) === this.#path.length)
      this.#texts.set(name, (this.#texts.get(name) ?? "") + text)
  }

  readonly close = (name: string): void => {
    const depth = this.#path.length
    this.#path.pop()
    if (depth === 1) return
    if (this.#begun === null) this.#printed.push(`</${byteString(name)}>`)
    else this.#printed.push(`${this.#begun}/>`)
    this.#begun = null
    if (depth !== 2) return
    if (name !== "package") return
    this.#printed.push("\n")
    this.#pieces.push(this.#printed.join(""))
    this.#elements.push({
      attributes: this.#attributes,
      inner: this.#inner,
      pieces: this.#pieces,
      texts: this.#texts
    })
  }

  finished(): Either.Either<ReadonlyArray<Element>, BadXml> {
    return this.#problem === null ? Either.right(this.#elements) : bad(`${this.#kind}: ${this.#problem}`)
  }

  /** Ends a piece, and begins the next one behind what a repository fills in. */
  #hole(before: string, attributes: Attributes, filled: ReadonlyArray<string>, after: string): void {
    this.#printed.push(before)
    this.#pieces.push(this.#printed.join(""))
    this.#printed = []
    const rest = Object.entries(attributes).filter(([name]) => !filled.includes(name))
    this.#begun = `${after}${printedAttributes(Object.fromEntries(rest))}`
  }

  #settle(): void {
    if (this.#begun !== null) this.#printed.push(`${this.#begun}>`)
    this.#begun = null
  }

  #checkRoot(name: string, attributes: Attributes): void {
    const { namespace, root } = documentRoots[this.#kind]
    if (name !== root) this.#problem ??= `its root is ${name}, not ${root}`
    if (attributes["xmlns"] !== namespace) this.#problem ??= `its namespace is ${attributes["xmlns"]}, not ${namespace}`
  }
}

const bad = (reason: string): Either.Either<never, BadXml> => Either.left(new BadXml({ reason }))

/** The texts that matter, and how deep their elements lie. */
const depths: ReadonlyMap<string, number> = new Map([
  ["name", 3],
  ["arch", 3],
  ["checksum", 3],
  ["rpm:sourcerpm", 4]
])

const printedAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${byteString(name)}="${xmlAttribute(byteString(value), "", ignore)}"`)
    .join("")

/** A reader of XML lets nothing through that cannot be printed. */
const ignore: Report = () => undefined
