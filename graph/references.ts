import { Option, Schema, SchemaAST } from "effect"
import { codecOf, type Reference } from "./blob-codec.ts"
import { type Digest, isDigest } from "./digest.ts"
import { isExternalFile } from "./external-files.ts"

/** The blobs that an encoded value of this schema names, found by walking schema and value side by side. */
export const referencesIn = (ast: SchemaAST.AST, value: unknown): ReadonlyArray<Reference> => {
  const found: Array<Reference> = []
  walk(ast, value, (type, leaf) => {
    const codec = codecOf(type)
    if (codec === undefined) return false
    if (isDigest(leaf)) found.push({ digest: leaf, codec })
    return true
  })
  return found
}

/** The external files that an encoded value of this schema names. */
export const externalFilesIn = (ast: SchemaAST.AST, value: unknown): ReadonlyArray<Digest> => {
  const found: Array<Digest> = []
  walk(ast, value, (type, leaf) => {
    if (!isExternalFile(type)) return false
    if (isDigest(leaf)) found.push(leaf)
    return true
  })
  return found
}

/** The schema of one field of an encoded value, where the schema has it. */
export const fieldOf = (ast: SchemaAST.AST, name: string): SchemaAST.AST | undefined => {
  const structure = structureOf(ast)
  if (SchemaAST.isTypeLiteral(structure)) {
    const property = structure.propertySignatures.find((candidate) => candidate.name === name)
    return (property ?? structure.indexSignatures[0])?.type
  }
  if (SchemaAST.isUnion(structure)) {
    return structure.types.map((type) => fieldOf(type, name)).find((type) => type !== undefined)
  }
  if (SchemaAST.isTupleType(structure)) return structure.elements[Number(name)]?.type ?? structure.rest[0]?.type
  return undefined
}

/** Goes through a value and its schema side by side; `visit` says of a part whether it is done with it. */
const walk = (ast: SchemaAST.AST, value: unknown, visit: (type: SchemaAST.AST, value: unknown) => boolean): void => {
  if (!namesFiles(ast) || visit(ast, value)) return
  const structure = structureOf(ast)
  if (SchemaAST.isUnion(structure)) {
    // Two members may name blobs of different codecs in one field: only the member that the value is of counts.
    for (const type of structure.types) if (namesFiles(type) && accepts(type, value)) walk(type, value, visit)
  } else if (typeof value === "object" && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      const type = fieldOf(structure, name)
      if (type !== undefined) walk(type, field, visit)
    }
  }
}

/** Whether a value of this schema may name a blob or a file; most parts of most schemas do not. */
const namesFiles = (ast: SchemaAST.AST): boolean => {
  const known = naming.get(ast)
  if (known !== undefined) return known
  naming.set(ast, true) // what it is within itself is decided by the rest of it
  const structure = structureOf(ast)
  const found = codecOf(structure) !== undefined || isExternalFile(structure) || partsOf(structure).some(namesFiles)
  naming.set(ast, found)
  return found
}

const naming = new WeakMap<SchemaAST.AST, boolean>()

const partsOf = (structure: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  if (SchemaAST.isUnion(structure)) return structure.types
  if (SchemaAST.isTypeLiteral(structure)) {
    return [...structure.propertySignatures, ...structure.indexSignatures].map(({ type }) => type)
  }
  return SchemaAST.isTupleType(structure) ? [...structure.elements, ...structure.rest].map(({ type }) => type) : []
}

/** The encoded side's structure: references look the same on both sides, so a refinement or transformation is looked through. */
const structureOf = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (codecOf(ast) !== undefined || isExternalFile(ast)) return ast
  if (SchemaAST.isRefinement(ast) || SchemaAST.isTransformation(ast)) return structureOf(ast.from)
  if (SchemaAST.isSuspend(ast)) return structureOf(ast.f())
  if (SchemaAST.isDeclaration(ast)) {
    return Option.match(SchemaAST.getSurrogateAnnotation(ast), { onNone: () => ast, onSome: structureOf })
  }
  return ast
}

const accepts = (ast: SchemaAST.AST, encoded: unknown): boolean => {
  const known = tests.get(ast) ?? Schema.is(Schema.make(SchemaAST.encodedBoundAST(ast)))
  tests.set(ast, known)
  return known(encoded)
}

/** A test costs much more to make than to use. */
const tests = new WeakMap<SchemaAST.AST, (encoded: unknown) => boolean>()
