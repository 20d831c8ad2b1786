import { Data, Either } from "effect"
import { type ModuleKind, moduleKinds, moduleShape } from "./module-shapes.ts"
import { shaped } from "./shape.ts"
import { isMap, nodeAt, scalarText, type YamlMap, type YamlNode } from "./yaml-node.ts"
import { readYaml } from "./yaml-reader.ts"

/** One document of module metadata, in canonical form. */
export interface ModuleDocument {
  readonly kind: ModuleKind
  /** The module that it is about. */
  readonly module: string
  readonly root: YamlMap
}

/** What a file of module metadata holds. */
export interface ModulesRead {
  readonly documents: ReadonlyArray<ModuleDocument>
  /** How many documents are for packagers only: they are no part of any repository. */
  readonly packager: number
}

/** A place of module metadata that does not fit. Documents and lines count from 1. */
export interface ModuleProblem {
  readonly document: number
  readonly line: number
  /** As `data.version`; empty for the document itself. */
  readonly field: string
  readonly problem: string
}

/** A file that is no sound module metadata. */
export class BadModules extends Data.TaggedError("BadModules")<{ readonly problems: ReadonlyArray<ModuleProblem> }> {
  override get message(): string {
    const told = this.problems.slice(0, MAX_TOLD).map(({ document, field, line, problem }) => {
      return `document ${document} (line ${line}): ${field === "" ? "" : `${field} `}${problem}`
    })
    const more = this.problems.length - told.length
    return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")
  }
}

/** Reads a modules.yaml or modulemd file; all that is wrong with it is told at once. */
export const readModules = (bytes: Uint8Array): Either.Either<ModulesRead, BadModules> => {
  const whole = (problem: string) => new BadModules({ problems: [{ document: 1, line: 1, field: "", problem }] })
  if (bytes.length > MAX_SIZE) return Either.left(whole(`is part of a file longer than ${MAX_SIZE / 1024 ** 2} MiB`))
  return Either.flatMap(
    Either.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () => whole("is part of a file that is not UTF-8")
    }),
    (text) => {
      const problems: Array<ModuleProblem> = []
      const read = readYaml(text).flatMap(({ line, number, root }): ReadonlyArray<ModuleDocument | null> => {
        if (Either.isLeft(root)) {
          problems.push({ document: number, line: root.left.line, field: "", problem: root.left.problem })
          return []
        }
        const before = problems.length
        const document = moduleDocument(root.right, (field, problem) =>
          problems.push({ document: number, line, field, problem })
        )
        return problems.length > before ? [] : [document]
      })
      if (problems.length > 0) return Either.left(new BadModules({ problems }))
      const documents = read.filter((document) => document !== null)
      return Either.right({ documents, packager: read.length - documents.length })
    }
  )
}

/** A text at a place of a document; empty where there is none. */
export const textAt = ({ root }: ModuleDocument, ...keys: ReadonlyArray<string>): string =>
  scalarText(nodeAt(root, ...keys)) ?? ""

const MAX_SIZE = 64 * 1024 ** 2
const MAX_TOLD = 100

/** null for one that is for packagers only. */
const moduleDocument = (root: YamlNode, report: (field: string, problem: string) => void): ModuleDocument | null => {
  const name = scalarText(nodeAt(root, "document"))
  const version = scalarText(nodeAt(root, "version")) ?? ""
  if (name === "modulemd-packager") return null
  const kind = moduleKinds.find((known) => known === name)
  const shape = kind && moduleShape(kind, version)
  if (kind === undefined) {
    report("document", name === undefined ? "is missing" : `is ${JSON.stringify(name)}, no kind of module metadata`)
  } else if (shape === undefined) {
    report("version", `is ${JSON.stringify(version)}, which is not known of ${kind}`)
  } else {
    const document = shaped(shape, root, "", report)
    const module = scalarText(nodeAt(document, "data", kind === "modulemd" ? "name" : "module")) ?? ""
    if (isMap(document)) return { kind, module, root: document }
  }
  return null
}
