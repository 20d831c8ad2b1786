import { Effect } from "effect"
import type { DistRepoResult } from "../../export/dist-repo.ts"
import type { DistRepoRequest } from "../../export/request.ts"
import { impossibleDelta, textWarning } from "../../export/text-warning.ts"
import { Output } from "../frame/output.ts"
import { foldedNames } from "../words/folded-names.ts"

type Published = Extract<DistRepoResult, { readonly _tag: "Published" }>

/** Warns of what is remarkable about the packages of a repo that was published; of many names only the first, unless all are wanted. */
export const warnAboutPackages = (request: DistRepoRequest, { output, repo }: Published, everything: boolean) =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const texts = new Set(output.repositories.flatMap(({ warnings }) => warnings.map(textWarning)))
    yield* Effect.forEach(texts, warn)
    const impossible = output.repositories.flatMap(({ impossibleDeltas = [] }) => impossibleDeltas)
    yield* Effect.forEach(new Set(impossible.map(impossibleDelta)), warn)
    yield* Effect.forEach(fileWarnings(output.repositories), warn)
    const unsigned = output.unsigned.map(({ nvra }) => nvra)
    if (unsigned.length > 0) {
      const [are, were] = unsigned.length === 1 ? ["1 rpm is", "was"] : [`${unsigned.length} rpms are`, "were"]
      const what = request.missingSignatures === "skip" ? "left out" : "taken as imported"
      const headline = `${are} not signed with ${request.keys.join(" nor ")} and ${were} ${what}:`
      yield* warn([headline, ...foldedNames(unsigned, everything)].join("\n"))
    }
    if (repo.copiedInstead > 0) {
      const packages = repo.copiedInstead === 1 ? "1 package was" : `${repo.copiedInstead} packages were`
      yield* warn(`${packages} copied where a link could not be made`)
    }
    for (const tree of repo.mended) {
      yield* warn(`packages had gone from ${tree}, or were cut, in all repos that share it; they are linked anew`)
    }
  })

/** What of given files does not fit, once for all arches for which it is the same. */
const fileWarnings = (repositories: Published["output"]["repositories"]): ReadonlyArray<string> => {
  const told = repositories.flatMap(({ arch, fileWarnings }) => fileWarnings.map((text) => ({ arch, text })))
  return [...Map.groupBy(told, ({ text }) => text)].map(
    ([text, of]) => `${of.map(({ arch }) => arch).join(", ")}: ${text}`
  )
}
