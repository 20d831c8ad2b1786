import type { Dependency, Relation } from "../rpm/dependency.ts"
import type { PackageFacts } from "../rpm/dependency-closure.ts"
import { forEachElement } from "./fragment-elements.ts"

/** What a package offers and wants, read from its elements of primary.xml (the time and place may be left out) and filelists.xml. */
export const packageFacts = (primary: string, filelists: string): PackageFacts => {
  const texts = new Map<string, string>()
  const lists = new Map<string, Array<Dependency>>()
  const files: Array<string> = []
  let version = { epoch: "0", version: "", release: "" }
  let list = ""
  forEachElement(primary, ({ attribute, closes, name, text }) => {
    if (closes) return
    if (name === "name" || name === "arch") texts.set(name, text())
    else if (name === "version") {
      version = { epoch: attribute("epoch") ?? "0", version: attribute("ver") ?? "", release: attribute("rel") ?? "" }
    } else if (name === "rpm:entry") {
      const dependencies = lists.get(list) ?? []
      dependencies.push(dependencyOf(attribute))
      lists.set(list, dependencies)
    } else list = name
  })
  forEachElement(filelists, ({ closes, name, text }) => {
    if (name === "file" && !closes) files.push(text())
  })
  const listed = (name: string): ReadonlyArray<Dependency> => lists.get(`rpm:${name}`) ?? []
  return {
    name: texts.get("name") ?? "",
    arch: texts.get("arch") ?? "",
    ...version,
    provides: listed("provides"),
    requires: listed("requires"),
    recommends: listed("recommends"),
    files
  }
}

const dependencyOf = (attribute: (name: string) => string | null): Dependency => {
  const name = attribute("name") ?? ""
  const relation = relations.find((known) => known === attribute("flags"))
  const version = attribute("ver")
  if (relation === undefined || version === null) return { name, range: null }
  return { name, range: { relation, epoch: attribute("epoch"), version, release: attribute("rel") } }
}

const relations: ReadonlyArray<Relation> = ["EQ", "LT", "LE", "GT", "GE"]
