import { Effect, Schema } from "effect"
import { Bytes, DigestOf, need, needAll, plan } from "../graph/index.ts"
import { Additional } from "./additional-file.ts"
import { Compression } from "./compression.ts"
import { Comps } from "./comps.ts"
import { HeldPackages } from "./held-packages.ts"
import { Modules } from "./modules.ts"
import { RowsList } from "./rows-list.ts"
import { GivenFile } from "./unusable-metadata.ts"
import { Updateinfo } from "./updateinfo.ts"

/** What is given to a repository beside its packages. */
export const AdditionalOptions = {
  additional: Schema.optionalWith(Schema.Array(Additional), { exact: true }),
  /** Limit groups to the arches of the repository, or to its packages as well. */
  filterComps: Schema.optionalWith(Schema.Literal("arch", "packages"), { exact: true }),
  /** Module metadata: merged, and limited to the repository where its arches are told. */
  modules: Schema.optionalWith(Schema.Array(GivenFile(DigestOf(Bytes))), { exact: true }),
  /** Advisories: merged, and limited to the repository's packages. */
  updateinfo: Schema.optionalWith(Schema.Array(GivenFile(DigestOf(Bytes))), { exact: true }),
  /** The arches of the repository's packages, where something is limited to them. */
  rpmArches: Schema.optionalWith(Schema.Array(Schema.String), { exact: true })
}

const Options = Schema.Struct(AdditionalOptions)
type Options = typeof Options.Type

/** Whether anything is given. */
export const isGiven = ({ additional = [], modules, updateinfo }: Options): boolean =>
  additional.length > 0 || modules !== undefined || updateinfo !== undefined

/** Whether something is limited to the arches of the repository, so that these have to be told. */
export const needsArches = ({ filterComps, modules }: Options): boolean =>
  filterComps !== undefined || modules !== undefined

/** Whether something is limited to the packages of the repository, so that these have to be told. */
export const needsPackages = ({ filterComps, modules, rpmArches, updateinfo }: Options): boolean =>
  filterComps === "packages" || updateinfo !== undefined || (modules !== undefined && rpmArches !== undefined)

/** The files that a repository is given, as they are to be published but for their compression: each as it is, or limited to it. */
export const AdditionalFiles = plan("additional-files", {
  version: 1,
  needs: [HeldPackages, Comps, Modules, Updateinfo],
  input: Schema.Struct({
    ...AdditionalOptions,
    compression: Compression,
    /** The packages that it holds, where something is limited to them. */
    rows: Schema.optionalWith(DigestOf(RowsList), { exact: true })
  }),
  output: Schema.Struct({
    files: Schema.Array(Additional),
    /** What does not fit the repository, in words for people. */
    warnings: Schema.Array(Schema.String)
  }),
  label: () => "",
  run: ({ compression, rows, ...options }) =>
    Effect.gen(function* () {
      const { additional = [], filterComps, modules, rpmArches, updateinfo } = options
      const held = rows !== undefined && needsPackages(options) ? yield* need(HeldPackages, { rows }) : undefined
      const groups = additional.filter(({ type }) => filterComps !== undefined && isGroups(type))
      const comps = yield* needAll(
        Comps,
        groups.map(({ content }) => ({
          content,
          arches: rpmArches ?? [],
          ...(filterComps === "packages" && held !== undefined ? { held } : {})
        }))
      )
      const limited = new Map(groups.map((file, at) => [file, comps[at]?.content ?? file.content]))
      const repository =
        rpmArches === undefined || held === undefined ? {} : { repository: { arches: rpmArches, held } }
      const modular = modules === undefined ? undefined : yield* need(Modules, { files: modules, ...repository })
      const advised =
        updateinfo === undefined || held === undefined
          ? undefined
          : yield* need(Updateinfo, { files: updateinfo, held })
      const made = (type: string, name: string, content: DigestOf<Uint8Array> | null | undefined) =>
        content == null ? [] : [{ type, name, content, compression }]
      return {
        files: [
          ...additional.map((file) => ({ ...file, content: limited.get(file) ?? file.content })),
          ...made("modules", "modules.yaml", modular?.content),
          ...made("updateinfo", "updateinfo.xml", advised?.content)
        ],
        warnings: [
          ...new Set([
            ...comps.flatMap(({ warnings }) => warnings),
            ...(modular?.warnings ?? []),
            ...(advised?.warnings ?? [])
          ])
        ]
      }
    })
})

/** The types under which groups are published. */
const isGroups = (type: string): boolean => type === "group" || type === "group_gz"
