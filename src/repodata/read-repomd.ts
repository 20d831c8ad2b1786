import { Either } from "effect"
import type { Repomd, RepomdChecksum, RepomdRecord, RepomdTags } from "./repomd.ts"
import { BadXml, readXml } from "./xml-reader.ts"

/** Reads repomd.xml. What it does not know in it is passed over. */
export const readRepomd = (bytes: Uint8Array): Either.Either<Repomd, BadXml> => {
  const reading = new Reading()
  return Either.flatMap(readXml(bytes, reading), () => reading.finished())
}

type Attributes = Readonly<Record<string, string>>

class Reading {
  /** Names of the open elements, outermost first. */
  readonly #path: Array<string> = []
  readonly #texts = new Map<string, string>()
  readonly #attributes = new Map<string, Attributes>()
  readonly #records: Array<RepomdRecord> = []
  readonly #content: Array<string> = []
  readonly #repo: Array<string> = []
  readonly #distro: Array<RepomdTags["distro"][number]> = []
  #root = ""
  #revision = ""
  #problem: string | null = null

  readonly open = (name: string, attributes: Attributes): void => {
    this.#path.push(name)
    if (this.#path.length === 1) this.#root = name
    if (this.#path.length === 2) {
      this.#texts.clear()
      this.#attributes.clear()
    }
    this.#texts.set(name, "")
    this.#attributes.set(name, attributes)
  }

  readonly text = (text: string): void => {
    const name = this.#path.at(-1) ?? ""
    this.#texts.set(name, (this.#texts.get(name) ?? "") + text)
  }

  readonly close = (name: string): void => {
    const text = (this.#texts.get(name) ?? "").trim()
    const [, outer] = this.#path
    if (this.#path.length === 2 && name === "revision") this.#revision = text
    if (this.#path.length === 2 && name === "data") this.#addRecord()
    if (this.#path.length === 3 && outer === "tags") {
      if (name === "content") this.#content.push(text)
      if (name === "repo") this.#repo.push(text)
      if (name === "distro") this.#distro.push({ cpeid: this.#attributes.get(name)?.["cpeid"] ?? null, text })
    }
    this.#path.pop()
  }

  finished(): Either.Either<Repomd, BadXml> {
    const problem = this.#root === "repomd" ? this.#problem : `its root is ${this.#root}, not repomd`
    if (problem !== null) return Either.left(new BadXml({ reason: problem }))
    const tags: RepomdTags = { content: this.#content, repo: this.#repo, distro: this.#distro }
    return Either.right({ revision: this.#revision, tags, records: this.#records })
  }

  #addRecord(): void {
    const type = this.#attributes.get("data")?.["type"]
    const { href, "xml:base": base } = this.#attributes.get("location") ?? {}
    const checksum = this.#checksum("checksum")
    if (type === undefined || href === undefined || checksum === undefined) {
      this.#problem ??= "a data element has no type, no location or no checksum"
      return
    }
    this.#records.push({
      type,
      checksum,
      href,
      ...given("base", base),
      ...given("openChecksum", this.#checksum("open-checksum")),
      ...given("headerChecksum", this.#checksum("header-checksum")),
      timestamp: this.#number("timestamp") ?? 0,
      ...given("size", this.#number("size")),
      ...given("openSize", this.#number("open-size")),
      ...given("headerSize", this.#number("header-size")),
      ...given("databaseVersion", this.#number("database_version"))
    })
  }

  #checksum(name: string): RepomdChecksum | undefined {
    const type = this.#attributes.get(name)?.["type"]
    const value = this.#texts.get(name)?.trim()
    return type === undefined || value === undefined ? undefined : { type, value }
  }

  /** Fractions of seconds, which old tools wrote, are cut off. */
  #number(name: string): number | undefined {
    const [digits] = /^\d{1,15}/.exec(this.#texts.get(name)?.trim() ?? "") ?? []
    return digits === undefined ? undefined : Number(digits)
  }
}

const given = <const Name extends string, A>(name: Name, value: A | undefined) =>
  // one property, or none
  (value === undefined ? {} : { [name]: value }) as { readonly [K in Name]?: A }
