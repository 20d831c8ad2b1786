import { existsSync } from "node:fs"
import { basename } from "node:path"
import { Either } from "effect"
import type { GivenMetadata } from "../../export/given-metadata.ts"
import { UsageError } from "../frame/usage-error.ts"

/** The files that the options for given metadata name; all problems are told at once. */
export const givenMetadata = (args: {
  readonly modules: ReadonlyArray<string>
  readonly updateinfo: ReadonlyArray<string>
  readonly productid: string | undefined
  readonly extraMetadata: ReadonlyArray<string>
}): Either.Either<GivenMetadata, UsageError> => {
  const { extraMetadata, modules, productid, updateinfo } = args
  const extra = [
    ...(productid === undefined ? [] : [{ type: "productid", path: productid, compressed: false }]),
    ...extraMetadata.map((value) => {
      const equals = value.indexOf("=")
      return { type: value.slice(0, equals), path: value.slice(equals + 1), compressed: true }
    })
  ]
  const given = extra.map(({ type }) => type)
  const problems = [
    ...[...modules, ...updateinfo, ...extra.map(({ path }) => path)]
      .filter((path) => !existsSync(path))
      .map((path) => `could not find ${path}`),
    ...extraMetadata.flatMap((value, index) => {
      const { path = "", type = "" } = extra[index + extra.length - extraMetadata.length] ?? {}
      const problem = typeProblem(type) ?? nameProblem(basename(path))
      return problem === undefined ? [] : [`--extra-metadata ${value}: ${problem}`]
    }),
    ...[...new Set(given.filter((type, index) => given.indexOf(type) < index))].map(
      (type) => `several files are given as ${type}; a repository has one of each type`
    )
  ]
  return problems.length > 0
    ? Either.left(new UsageError({ reason: [...new Set(problems)].join("\n") }))
    : Either.right({ modules, updateinfo, extra })
}

const typeProblem = (type: string): string | undefined => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(type)) {
    return "a type is made of letters, digits, dots, dashes and underscores"
  }
  if (/^(?:primary|filelists|other|filelists-ext|prestodelta|deltainfo)$|_(?:db|zck)$/.test(type)) {
    return `${type} is made from the packages`
  }
  const option = ownOptions.get(type)
  return option === undefined ? undefined : `give it with ${option}`
}

const ownOptions: ReadonlyMap<string, string> = new Map([
  ["group", "--comps (createrepo: --groupfile)"],
  ["group_gz", "--comps (createrepo: --groupfile)"],
  ["modules", "--modules"],
  ["updateinfo", "--updateinfo"],
  ["productid", "--productid"]
])

/** Its name becomes that of a published file, which may have no checksum before it. */
const nameProblem = (name: string): string | undefined => {
  if (/^\.|[\p{Cc}<>&"]/u.test(name) || !name.isWellFormed()) return "its name cannot be that of a published file"
  return /^(?:repomd|primary|filelists|other|comps|updateinfo|modules)\.(?:xml|yaml)/.test(name)
    ? `its name ${name} is that of other metadata; rename it`
    : undefined
}
