import type { Difference } from "../graph/index.ts"
import { nvr, nvra } from "../src/rpm/nevra.ts"
import type { ChosenRpm, TaggedRpm } from "./rpm-row.ts"

/** What changed between two sets of rpms, rpm by rpm. */
export const rpmDifferences = (
  before: ReadonlyArray<ChosenRpm>,
  after: ReadonlyArray<ChosenRpm>
): ReadonlyArray<Difference> => {
  const key = (rpm: ChosenRpm) => `${nvra(rpm)}\t${rpm.file}\t${rpm.sigkey ?? ""}\t${nvr(rpm.build)}`
  const kept = new Set(before.map(key))
  const present = new Set(after.map(key))
  const gone = before.filter((rpm) => !present.has(key(rpm)))
  const come = after.filter((rpm) => !kept.has(key(rpm)))
  const goneCopies = new Map(gone.map((rpm) => [nvra(rpm), rpm]))
  const comeCopies = new Set(come.map((rpm) => nvra(rpm)))
  // An upgrade is told only where one version went and one came.
  const goneNames = Map.groupBy(
    gone.filter((rpm) => !comeCopies.has(nvra(rpm))),
    nameArch
  )
  const comeNames = Map.groupBy(
    come.filter((rpm) => !goneCopies.has(nvra(rpm))),
    nameArch
  )
  const replacedBy = (rpm: ChosenRpm): ChosenRpm | undefined => {
    const went = goneNames.get(nameArch(rpm)) ?? []
    return went.length === 1 && comeNames.get(nameArch(rpm))?.length === 1 ? went[0] : undefined
  }
  const replaced = new Set<ChosenRpm>()
  const arrivals = come.map((rpm): Difference => {
    const copy = goneCopies.get(nvra(rpm))
    if (copy !== undefined)
      return { kind: "changed", subject: nvra(rpm), before: copyWords(copy), after: copyWords(rpm) }
    const old = replacedBy(rpm)
    if (old === undefined) return { kind: "added", subject: nvra(rpm), after: nvra(rpm) }
    replaced.add(old)
    return { kind: "replaced", subject: nameArch(rpm), before: nvra(old), after: nvra(rpm) }
  })
  const departures = gone
    .filter((rpm) => !comeCopies.has(nvra(rpm)) && !replaced.has(rpm))
    .map((rpm): Difference => ({ kind: "removed", subject: nvra(rpm), before: nvra(rpm) }))
  return [...arrivals, ...departures]
}

const nameArch = ({ arch, name }: ChosenRpm): string => `${name}.${arch}`

const copyWords = ({ file, sigkey }: ChosenRpm): string =>
  `${sigkey === null ? "primary copy" : `key ${sigkey}`} (${file.slice(0, 8)})`

/** What changed between two contents, build by build: what a person who tags builds would say. */
export const buildDifferences = (
  before: ReadonlyArray<TaggedRpm>,
  after: ReadonlyArray<TaggedRpm>
): ReadonlyArray<Difference> => {
  const old = byBuild(before)
  const now = byBuild(after)
  const gone = [...old.values()].filter(({ nvr }) => !now.has(nvr))
  const come = [...now.values()].filter(({ nvr }) => !old.has(nvr))
  const alone = (name: string, builds: ReadonlyArray<TaggedBuild>) => {
    const same = builds.filter((build) => build.name === name)
    return same.length === 1 ? same[0] : undefined
  }
  const replaced = come.flatMap((build) => {
    const was = alone(build.name, gone)
    return was === undefined || alone(build.name, come) === undefined ? [] : [{ was, build }]
  })
  const paired = new Set(replaced.flatMap(({ build, was }) => [build.nvr, was.nvr]))
  const rpmCount = ({ rpms }: TaggedBuild) => `${rpms.length} rpm${rpms.length === 1 ? "" : "s"}`
  return [
    ...replaced.map(({ build, was }): Difference => {
      return { kind: "replaced", subject: build.name, before: was.nvr, after: build.nvr, detail: rpmCount(build) }
    }),
    ...come
      .filter(({ nvr }) => !paired.has(nvr))
      .map((build): Difference => ({ kind: "added", subject: build.name, after: build.nvr, detail: rpmCount(build) })),
    ...gone
      .filter(({ nvr }) => !paired.has(nvr))
      .map(
        (build): Difference => ({ kind: "removed", subject: build.name, before: build.nvr, detail: rpmCount(build) })
      ),
    ...[...now.values()].flatMap((build) => {
      const was = old.get(build.nvr)
      return was === undefined ? [] : copyDifferences(was, build)
    })
  ]
}

interface TaggedBuild {
  readonly nvr: string
  readonly name: string
  readonly rpms: ReadonlyArray<TaggedRpm>
}

const byBuild = (rpms: ReadonlyArray<TaggedRpm>): ReadonlyMap<string, TaggedBuild> => {
  const builds = new Map<string, { nvr: string; name: string; rpms: Array<TaggedRpm> }>()
  for (const rpm of rpms) {
    const name = nvr(rpm.build)
    const build = builds.get(name)
    if (build === undefined) builds.set(name, { nvr: name, name: rpm.build.name, rpms: [rpm] })
    else build.rpms.push(rpm)
  }
  return builds
}

/** The same build with other files: signatures that appeared or went, copies written, rpms added or imported anew. */
const copyDifferences = (before: TaggedBuild, after: TaggedBuild): ReadonlyArray<Difference> => {
  const old = new Map(before.rpms.map((rpm) => [nvra(rpm), rpm]))
  const now = new Map(after.rpms.map((rpm) => [nvra(rpm), rpm]))
  const words = new Map<string, number>()
  const say = (text: string) => words.set(text, (words.get(text) ?? 0) + 1)
  for (const [name, rpm] of now) {
    const was = old.get(name)
    if (was === undefined) {
      say(`${name} added`)
      continue
    }
    if (was.payloadhash !== rpm.payloadhash) say(`${name} has other content`)
    else if (was.primary !== rpm.primary) say(`${name} is another file`)
    const keys = new Map(was.signatures.map(({ copy, sigkey }) => [sigkey, copy]))
    for (const { copy, sigkey } of rpm.signatures) {
      if (!keys.has(sigkey)) say(`signature ${sigkey} appeared`)
      else if (keys.get(sigkey) !== copy)
        say(copy === null ? `signed copy ${sigkey} is gone` : `signed copy ${sigkey} written`)
      keys.delete(sigkey)
    }
    for (const sigkey of keys.keys()) say(`signature ${sigkey} is gone`)
  }
  for (const name of old.keys()) if (!now.has(name)) say(`${name} removed`)
  return [...words].map(([text, count]) => ({
    kind: "changed",
    subject: after.nvr,
    after: text,
    ...(count === 1 ? {} : { detail: `${count} rpms` })
  }))
}
