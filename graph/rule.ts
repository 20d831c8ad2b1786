import { Context, Effect, Either, identity, type ParseResult, Schema, type SchemaAST } from "effect"
import type { Blobs } from "./blobs.ts"
import { canonicalJson } from "./canonical.ts"
import type { ExternalFiles } from "./external-files.ts"
import { notOfSchema, plainCopier } from "./plain-copier.ts"

/** `any` on the encoded side: it is invariant and no caller sees it. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Codec<A> = Schema.Schema<A, any>

/** Phantom: "may ask for the rules named Name". One service at run time; only the engine provides it, to plans. */
export interface MayNeed<out Name extends string> {
  readonly mayNeed: Name
}

export interface Demander {
  readonly demand: <I, O, E>(
    rule: Rule<string, I, O, E>,
    inputs: ReadonlyArray<I>
  ) => Effect.Effect<ReadonlyArray<O>, E>
}

const demanderTag = Context.GenericTag<MayNeed<string>, Demander>("graph/Demander")

export const demander = <Name extends string>(): Context.Tag<MayNeed<Name>, Demander> =>
  // one service under one key at run time, for every Name
  demanderTag as unknown as Context.Tag<MayNeed<Name>, Demander>

/**
 * A typed, versioned, pure function over encoded values, so that a worker or another machine can run it.
 * Name, O and E are covariant, I contravariant: every rule is an {@link AnyRule}.
 */
export type Rule<Name extends string, I, O, E> = Plan<Name, I, O, E> | Action<Name, I, O, E>

/** The input as the rule runs it, and as the key and the log have it. */
export interface EncodedInput {
  readonly encoded: unknown
  /** Canonical JSON. */
  readonly text: string
}

interface Common<out Name extends string, in I, out O> {
  readonly name: Name
  readonly version: number
  /** Versions of what computes inside (a compressor, say): an output may change with them. */
  readonly tools: Readonly<Record<string, string>>
  readonly needs: ReadonlyArray<AnyRule>
  readonly input: SchemaAST.AST
  readonly output: SchemaAST.AST
  readonly label: (input: I) => string
  readonly encodeInput: (input: I) => EncodedInput
  readonly decodeOutput: (encoded: unknown) => Either.Either<O, ParseResult.ParseError>
}

/** Decides and asks for other rules. */
export interface Plan<out Name extends string, in I, out O, out E> extends Common<Name, I, O> {
  readonly kind: "plan"
  readonly errors: null
  readonly runEncoded: (encoded: unknown) => Effect.Effect<unknown, E, Blobs | MayNeed<string>>
}

/** Computes and asks for nothing. */
export interface Action<out Name extends string, in I, out O, out E> extends Common<Name, I, O> {
  readonly kind: "action"
  /** Its errors as JSON can carry them, so that it may fail on another thread. */
  readonly errors: ErrorCodec<E>
  /** About how many milliseconds it will take. */
  readonly cost: (input: I) => number
  readonly runEncoded: (encoded: unknown) => Effect.Effect<unknown, E, Blobs | ExternalFiles>
}

export interface ErrorCodec<out E> {
  /** Fails with what is no error of the schema. */
  readonly encode: (error: unknown) => Either.Either<unknown, ParseResult.ParseError>
  readonly decode: (encoded: unknown) => Either.Either<E, ParseResult.ParseError>
}

export type AnyRule = Rule<string, never, unknown, unknown>
export type AnyAction = Action<string, never, unknown, unknown>

export type InputOf<R> = R extends Rule<string, infer I, unknown, unknown> ? I : never
export type OutputOf<R> = R extends Rule<string, never, infer O, unknown> ? O : never
export type FailureOf<R> = R extends Rule<string, never, unknown, infer E> ? E : never

interface Spec<I, O, E, R> {
  /** Raise it whenever the same input gives other bytes. Golden tests notice a forgotten raise. */
  readonly version: number
  readonly tools?: Readonly<Record<string, string>>
  readonly input: Codec<I>
  readonly output: Codec<O>
  /** Names the node under its asker; the same from run to run while the input under it changes. */
  readonly label: (input: I) => string
  readonly run: (input: I) => Effect.Effect<O, E, R>
}

/** Decides: asks for the rules in `needs` and no others. Runs on the main thread, holds no permit. E is inferred through the body. */
export const plan = <const Name extends string, const Needs extends ReadonlyArray<AnyRule>, I, O, E>(
  name: Name,
  spec: Spec<I, O, E, Blobs | MayNeed<Needs[number]["name"]>> & { readonly needs: Needs }
): Plan<Name, I, O, E> => ({ ...common(name, spec.needs, spec), kind: "plan", errors: null })

/**
 * Computes: asks for nothing, has all its inputs up front. Holds a permit. `error` is the schema of its errors, which can thus cross
 * threads; none means that it does not fail. Failing with anything else is a crash of the rule.
 */
export const action = <const Name extends string, I, O, E = never>(
  name: Name,
  spec: Spec<I, O, NoInfer<E>, Blobs | ExternalFiles> & {
    readonly error?: Codec<E>
    /**
     * About how many milliseconds it takes for an input, one where not given. Decides whether worker threads are worth their start,
     * and how many inputs they are handed at a time.
     */
    readonly cost?: (input: I) => number
  }
): Action<Name, I, O, E> => ({
  ...common(name, [], spec),
  kind: "action",
  errors: spec.error === undefined ? noErrors : errorCodec(spec.error),
  cost: spec.cost ?? (() => 1)
})

/** The outputs of a rule for many inputs, in their order. All are tried; the first failure in input order is raised. */
export const needAll = <const Name extends string, I, O, E>(
  rule: Rule<Name, I, O, E>,
  inputs: ReadonlyArray<I>
): Effect.Effect<ReadonlyArray<O>, E, MayNeed<Name>> =>
  Effect.flatMap(demander<Name>(), ({ demand }) => demand(rule, inputs))

/** The output of a rule for one input. */
export const need = <const Name extends string, I, O, E>(
  rule: Rule<Name, I, O, E>,
  input: I
): Effect.Effect<O, E, MayNeed<Name>> =>
  // one input, one output
  Effect.map(needAll(rule, [input]), ([output]) => output as O)

const errorCodec = <E>(schema: Codec<E>): ErrorCodec<E> => ({
  encode: Schema.encodeUnknownEither(schema),
  decode: Schema.decodeUnknownEither(schema)
})

const noErrors: ErrorCodec<never> = {
  encode: Schema.encodeUnknownEither(Schema.Never),
  decode: Schema.decodeUnknownEither(Schema.Never)
}

const common = <Name extends string, I, O, E, R extends Blobs | ExternalFiles | MayNeed<string>>(
  name: Name,
  needs: ReadonlyArray<AnyRule>,
  spec: Spec<I, O, E, R>
) => {
  const decodeInput = decoder(spec.input)
  const encodeOutput = encoder(spec.output)
  return {
    name,
    needs,
    version: spec.version,
    tools: spec.tools ?? {},
    input: spec.input.ast,
    output: spec.output.ast,
    label: spec.label,
    encodeInput: inputEncoder(spec.input),
    decodeOutput: eitherDecoder(spec.output),
    runEncoded: (encoded: unknown) => Effect.suspend(() => Effect.map(spec.run(decodeInput(encoded)), encodeOutput))
  }
}

/** Encoding drops fields that the schema does not know, so they never get into a key. */
const inputEncoder = <A>(schema: Codec<A>): ((value: A) => EncodedInput) => {
  const copier = plainCopier(schema.ast, "canonical")
  const encode = Schema.encodeSync(schema)
  return (value) => {
    const copy = copier === undefined ? notOfSchema : copier(value)
    if (copy !== notOfSchema) return { encoded: copy, text: JSON.stringify(copy) }
    const encoded: unknown = encode(value)
    return { encoded, text: canonicalJson(encoded) }
  }
}

const encoder = <A>(schema: Codec<A>): ((value: A) => unknown) => {
  const copier = plainCopier(schema.ast, "declared")
  const encode = Schema.encodeSync(schema)
  return (value) => {
    const copy = copier === undefined ? notOfSchema : copier(value)
    return copy === notOfSchema ? encode(value) : copy
  }
}

const eitherDecoder = <A>(schema: Codec<A>): ((encoded: unknown) => Either.Either<A, ParseResult.ParseError>) => {
  const copier = plainCopier(schema.ast, "declared")
  const decode = Schema.decodeUnknownEither(schema)
  return (encoded) => {
    const copy = copier === undefined ? notOfSchema : copier(encoded)
    return copy === notOfSchema ? decode(encoded) : Either.right(copy as A) // what a schema that transforms nothing accepts is of its type
  }
}

const decoder = <A>(schema: Codec<A>): ((encoded: unknown) => A) => {
  const decode = eitherDecoder(schema)
  return (encoded) => Either.getOrThrowWith(decode(encoded), identity)
}
