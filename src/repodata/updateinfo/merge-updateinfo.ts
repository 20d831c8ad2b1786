import type { HeldPackages } from "../held-packages.ts"
import type { Advisory, AdvisoryCollection, AdvisoryPackage } from "./advisory.ts"

/** The advisories of one repository, and what people should know of the others. */
export interface AdvisoriesChosen {
  readonly advisories: ReadonlyArray<Advisory>
  readonly warnings: ReadonlyArray<string>
}

/** The advisories of several files, in their order; of those with one id the first counts, as mergerepo_c has it. */
export const mergeUpdateinfo = (files: ReadonlyArray<ReadonlyArray<Advisory>>): AdvisoriesChosen => {
  const byId = new Map<string, Advisory>()
  const warnings: Array<string> = []
  for (const advisory of files.flat()) {
    const first = byId.get(advisory.id)
    if (first === undefined) byId.set(advisory.id, advisory)
    else if (JSON.stringify(first) !== JSON.stringify(advisory)) {
      warnings.push(`the advisory ${advisory.id} is given with different contents: the first one counts`)
    }
  }
  return { advisories: [...byId.values()], warnings }
}

/**
 * Limits advisories to the packages that a repository holds. Collections and advisories that are left without packages are left out.
 * Where an advisory has another checksum or file name for a package, that is told.
 */
export const filterUpdateinfo = (advisories: ReadonlyArray<Advisory>, packages: HeldPackages): AdvisoriesChosen => {
  const misfits = advisories.flatMap((advisory) =>
    advisory.collections.flatMap((collection) =>
      collection.packages.flatMap((listed) => misfitsOf(advisory.id, listed, packages))
    )
  )
  const kept = advisories.flatMap((advisory) => {
    const collections = advisory.collections.flatMap((collection) => limited(collection, packages))
    return collections.length === 0 ? [] : [{ ...advisory, collections }]
  })
  const left = advisories.length - kept.length
  const dropped = `${left} of ${advisories.length} advisories left out, which are about no package of the repository`
  return { advisories: kept, warnings: [...new Set(misfits), ...(left === 0 ? [] : [dropped])] }
}

const limited = (collection: AdvisoryCollection, held: HeldPackages): ReadonlyArray<AdvisoryCollection> => {
  const packages = collection.packages.filter((listed) => held.has(nevraOf(listed)))
  return packages.length === 0 ? [] : [{ ...collection, packages }]
}

const misfitsOf = (id: string, listed: AdvisoryPackage, packages: HeldPackages): ReadonlyArray<string> => {
  const nevra = nevraOf(listed)
  const held = packages.get(nevra)
  if (held === undefined) return []
  const { filename, sum } = listed
  const otherSum = sum !== null && sum.type === held.checksumType && sum.value.trim().toLowerCase() !== held.checksum
  const otherName = filename !== null && filename.slice(filename.lastIndexOf("/") + 1) !== held.fileName
  return [
    ...(otherSum
      ? [`the advisory ${id} has the ${sum.type} ${sum.value} for ${nevra}, whose file has ${held.checksum}`]
      : []),
    ...(otherName
      ? [`the advisory ${id} has the file name ${filename} for ${nevra}, whose file is ${held.fileName}`]
      : [])
  ]
}

/** As packages are held by; sources without some of their parts count as sources. */
const nevraOf = ({ arch, epoch, name, release, version }: AdvisoryPackage): string =>
  `${name}-${epoch === null || epoch === "" ? "0" : epoch}:${version}-${release}.${arch === "nosrc" ? "src" : arch}`
