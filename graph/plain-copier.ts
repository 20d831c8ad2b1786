import { Option, SchemaAST } from "effect"

/** What a copier gives for a value that is not of its schema. */
export const notOfSchema: unique symbol = Symbol("graph/notOfSchema")

/** Copies the parts of a value that its schema knows. */
export type Copier = (value: unknown) => unknown

/**
 * A schema whose encoded side is just its decoded one, as code: its copier encodes and decodes as the schema does, at a part of the
 * cost, but has no words for what is wrong with a value. Undefined where the schema transforms something, or is of a kind that no
 * rule needs for each of its nodes.
 *
 * `canonical` makes copies of which `JSON.stringify` prints the canonical JSON: fields are in order, and a value without a canonical
 * form is not of the schema.
 */
export const plainCopier = (ast: SchemaAST.AST, form: "declared" | "canonical"): Copier | undefined => {
  if (SchemaAST.isStringKeyword(ast)) return (value) => (typeof value === "string" ? value : notOfSchema)
  if (SchemaAST.isBooleanKeyword(ast)) return (value) => (typeof value === "boolean" ? value : notOfSchema)
  if (SchemaAST.isUndefinedKeyword(ast)) return (value) => (value === undefined ? value : notOfSchema)
  if (SchemaAST.isNumberKeyword(ast)) return form === "declared" ? anyNumber : canonicalNumber
  if (SchemaAST.isLiteral(ast)) return (value) => (value === ast.literal ? value : notOfSchema)
  if (SchemaAST.isRefinement(ast)) return refinement(ast, form)
  if (SchemaAST.isUnion(ast)) return union(ast, form)
  if (SchemaAST.isTupleType(ast)) return array(ast, form)
  return SchemaAST.isTypeLiteral(ast) ? struct(ast, form) : undefined
}

type Form = Parameters<typeof plainCopier>[1]

const anyNumber: Copier = (value) => (typeof value === "number" ? value : notOfSchema)

const canonicalNumber: Copier = (value) => (Number.isSafeInteger(value) && !Object.is(value, -0) ? value : notOfSchema)

const refinement = (ast: SchemaAST.Refinement, form: Form): Copier | undefined => {
  const from = plainCopier(ast.from, form)
  if (from === undefined) return undefined
  return (value) => {
    const copy = from(value)
    return copy !== notOfSchema && Option.isNone(ast.filter(copy, SchemaAST.defaultParseOption, ast))
      ? copy
      : notOfSchema
  }
}

/** The first member that a value is of decides. No value can be of two that would copy it differently. */
const union = ({ types }: SchemaAST.Union, form: Form): Copier | undefined => {
  const structures = types.filter((type) => SchemaAST.isTypeLiteral(type) || SchemaAST.isTupleType(type))
  const tags = new Set(structures.map(tagOf))
  if (structures.length > 1 && (tags.has(undefined) || tags.size < structures.length)) return undefined
  const members = types.map((type) => plainCopier(type, form))
  if (!members.every((member) => member !== undefined)) return undefined
  return (value) => {
    for (const member of members) {
      const copy = member(value)
      if (copy !== notOfSchema) return copy
    }
    return notOfSchema
  }
}

/** The literal under `_tag`, if a structure has one. */
const tagOf = (ast: SchemaAST.AST): SchemaAST.LiteralValue | undefined => {
  if (!SchemaAST.isTypeLiteral(ast)) return undefined
  const tag = ast.propertySignatures.find(({ isOptional, name }) => name === "_tag" && !isOptional)?.type
  return tag !== undefined && SchemaAST.isLiteral(tag) ? tag.literal : undefined
}

const array = ({ elements, rest }: SchemaAST.TupleType, form: Form): Copier | undefined => {
  const [type] = rest
  const item = type === undefined || elements.length > 0 || rest.length > 1 ? undefined : plainCopier(type.type, form)
  if (item === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return notOfSchema
    const copies: Array<unknown> = []
    for (const element of value) {
      const copy = item(element)
      if (copy === notOfSchema || (copy === undefined && form === "canonical")) return notOfSchema
      copies.push(copy)
    }
    return copies
  }
}

const struct = ({ indexSignatures, propertySignatures }: SchemaAST.TypeLiteral, form: Form): Copier | undefined => {
  if (indexSignatures.length > 0 || propertySignatures.length === 0) return undefined
  const fields: Array<{ readonly name: string; readonly copier: Copier; readonly isOptional: boolean }> = []
  for (const { isOptional, name, type } of propertySignatures) {
    const copier = plainCopier(type, form)
    if (copier === undefined || typeof name !== "string" || !plainName.test(name)) return undefined
    fields.push({ name, copier, isOptional })
  }
  if (form === "canonical") fields.sort((a, b) => (a.name < b.name ? -1 : 1))
  return (value) => {
    if (!isRecord(value)) return notOfSchema
    const copy: Record<string, unknown> = {}
    for (const { copier, isOptional, name } of fields) {
      const field = value[name]
      if (field === undefined && isOptional && !Object.hasOwn(value, name)) continue
      const copied = copier(field)
      if (copied === notOfSchema) return notOfSchema
      copy[name] = copied
    }
    return copy
  }
}

/** An object lists names that are numbers before all others, whatever their place. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
