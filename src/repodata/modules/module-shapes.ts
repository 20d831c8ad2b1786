import { any, count, type Fields, fields, flag, list, mapOf, number, type Shape, text, words } from "./shape.ts"

/** The documents of module metadata that a repository may hold. */
export const moduleKinds = ["modulemd", "modulemd-defaults", "modulemd-obsoletes", "modulemd-translations"] as const
export type ModuleKind = (typeof moduleKinds)[number]

/**
 * What a document of a kind has in it, in a version of its format; undefined for a version that is not known. Source: the modulemd
 * format specifications of libmodulemd.
 */
export const moduleShape = (kind: ModuleKind, version: string): Fields | undefined => {
  const data = shapes[kind].get(version)
  return data && fields({ document: text, version: count, data }, ["document", "version", "data"])
}

const rpms = fields({ rpms: words })

const component: Readonly<Record<string, Shape>> = {
  name: text,
  rationale: text,
  repository: text,
  ref: text,
  cache: text,
  buildroot: flag,
  "srpm-buildroot": flag,
  buildonly: flag,
  buildafter: words,
  buildorder: number,
  arches: words,
  multilib: words
}

const package_ = fields({ name: text, epoch: count, version: text, release: text, arch: text, nevra: text }, ["nevra"])

/** A stream, whose dependencies the two formats write in different ways. */
const stream = (dependencies: Shape): Fields =>
  fields(
    {
      name: text,
      stream: text,
      version: count,
      context: text,
      static_context: flag,
      arch: text,
      summary: text,
      description: text,
      eol: text,
      servicelevels: mapOf(fields({ eol: text })),
      license: fields({ module: words, content: words }, ["module"]),
      xmd: any,
      dependencies,
      references: fields({ community: text, documentation: text, tracker: text }),
      profiles: mapOf(fields({ description: text, default: flag, rpms: words })),
      api: rpms,
      filter: rpms,
      demodularized: rpms,
      buildopts: fields({ rpms: fields({ macros: text, whitelist: words }), arches: words }),
      components: fields({ rpms: mapOf(fields(component)), modules: mapOf(fields(component)) }),
      artifacts: fields({ rpms: words, "rpm-map": mapOf(mapOf(package_)) })
    },
    ["name", "stream", "version", "summary", "description", "license"]
  )

const defaults = fields(
  {
    module: text,
    modified: count,
    stream: text,
    profiles: mapOf(words),
    intents: mapOf(fields({ stream: text, profiles: mapOf(words) }))
  },
  ["module"]
)

const obsoletes = fields(
  {
    modified: text,
    reset: flag,
    module: text,
    stream: text,
    context: text,
    eol_date: text,
    message: text,
    obsoleted_by: fields({ module: text, stream: text }, ["module", "stream"])
  },
  ["modified", "module", "stream", "message"]
)

const translations = fields(
  {
    module: text,
    stream: text,
    modified: count,
    translations: mapOf(fields({ summary: text, description: text, profiles: mapOf(text) }))
  },
  ["module", "stream", "modified"]
)

const shapes: Readonly<Record<ModuleKind, ReadonlyMap<string, Fields>>> = {
  modulemd: new Map([
    ["1", stream(fields({ buildrequires: mapOf(text), requires: mapOf(text) }))],
    ["2", stream(list(fields({ buildrequires: mapOf(words), requires: mapOf(words) })))]
  ]),
  "modulemd-defaults": new Map([["1", defaults]]),
  "modulemd-obsoletes": new Map([["1", obsoletes]]),
  "modulemd-translations": new Map([["1", translations]])
}
