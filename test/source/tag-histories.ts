import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, FastCheck as fc } from "effect"
import type { HubError } from "../../src/hub/errors.ts"
import { Hub } from "../../src/hub/hub.ts"
import type { LinkOptions } from "../../src/hub/model.ts"
import { fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"
import { addBuildRows, type RowBuild } from "../kit/hub-rows.ts"
import { interleavedNames } from "../rules/cutting-names.ts"

/** One change of a hub. */
export type Step =
  | { readonly does: "tag" | "untag"; readonly tag: string; readonly build: string }
  | { readonly does: "add" | "block" | "unblock"; readonly tag: string; readonly packages: ReadonlyArray<string> }
  | { readonly does: "inherit"; readonly tag: string; readonly from: string; readonly how: Partial<LinkOptions> }
  | { readonly does: "disinherit"; readonly tag: string; readonly from: string }
  | { readonly does: "edit"; readonly tag: string; readonly how: Parameters<Hub["Type"]["editTag"]>[1] }
  | { readonly does: "sign"; readonly key: "a" | "b"; readonly build: string; readonly write: boolean }
  | { readonly does: "write"; readonly key: "a" | "b"; readonly build: string }
  | { readonly does: "import"; readonly file: string }
  | { readonly does: "make"; readonly tag: string }

/** `child` inherits from `mid`, and that from `base`; `side` stands beside them until a step says otherwise. */
export const tags = ["child", "mid", "base", "side"] as const

/** Each is imported into its build by a step: the build may be tagged long before. */
const heldBack = fixtureNames("unsigned").filter((name) => /^(libgreet-devel|greet-doc|hello-1\.0-1\.src)/.test(name))
const fixtureBuilds = ["hello-1.0-1", "hello-1.1-1", "libgreet-2.0-3", "minish-5-2", "clockwork-3.2-4"]

/** Two packages a pair of interleaved names, three builds a package, each of an rpm of either name: rows lie in and beside each other. */
const rowBuilds: ReadonlyArray<RowBuild> = interleavedNames.flatMap(([shorter, longer]) =>
  [`${shorter}-x`, longer].flatMap((name, index) =>
    ["1", "2", "3"].map((version) => ({
      name,
      version,
      release: String(1 + index),
      rpms: [
        { name: shorter, arch: index === 0 ? "noarch" : "x86_64" },
        { name: longer, arch: "x86_64" },
        { name: longer, arch: "aarch64" }
      ]
    }))
  )
)

const builds = [...fixtureBuilds, ...rowBuilds.map(({ name, release, version }) => `${name}-${version}-${release}`)]
const packages = [...new Set(builds.map((build) => build.split("-").slice(0, -2).join("-")))]

/** `constantFrom`, for literal types. */
const oneOf = <const A>(...values: ReadonlyArray<A>): fc.Arbitrary<A> => fc.constantFrom(...values)

const tag = oneOf(...tags)
const key = oneOf("a", "b")
const somePackages = fc.subarray(packages, { minLength: 1, maxLength: 3 })
const links: fc.Arbitrary<Partial<LinkOptions>> = fc.record(
  {
    priority: oneOf(0, 1, 2),
    maxdepth: oneOf(null, 0, 1),
    intransitive: fc.boolean(),
    noconfig: fc.boolean(),
    pkgFilter: oneOf("", "^p", "^(hello|lib)", "1$")
  },
  { requiredKeys: [] }
)

export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: oneOf("tag", "untag"), tag, build: fc.constantFrom(...builds) }) },
  { weight: 3, arbitrary: fc.record({ does: oneOf("add", "block", "unblock"), tag, packages: somePackages }) },
  { weight: 2, arbitrary: fc.record({ does: oneOf("inherit"), tag, from: tag, how: links }) },
  { weight: 1, arbitrary: fc.record({ does: oneOf("disinherit"), tag, from: tag }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: oneOf("edit"),
      tag,
      how: oneOf(
        { locked: true },
        { locked: false },
        { arches: "i686" },
        { extra: { note: 1 } },
        { extra: { note: 2 } }
      )
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: oneOf("sign"), key, build: fc.constantFrom(...fixtureBuilds), write: fc.boolean() })
  },
  { weight: 2, arbitrary: fc.record({ does: oneOf("write"), key, build: fc.constantFrom(...fixtureBuilds) }) },
  { weight: 1, arbitrary: fc.record({ does: oneOf("import"), file: fc.constantFrom(...heldBack) }) },
  { weight: 1, arbitrary: fc.record({ does: oneOf("make"), tag: oneOf("elsewhere", "nowhere") }) }
)

/** Makes the hub that every history begins with, once. */
export const hubTemplate = async () => {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "distgraph-histories-"))
  const template = join(folder, "template")
  const inHub = <A, E>(use: (hub: Hub["Type"]) => Effect.Effect<A, E>) =>
    Effect.runPromise(Effect.provide(Effect.flatMap(Hub, use), Hub.layer(template)))
  await inHub((hub) =>
    Effect.gen(function* () {
      const names = fixtureNames("unsigned").filter((name) => !heldBack.includes(name))
      yield* hub.importRpms(names.map((name) => fixture("unsigned", name)))
      for (const name of tags) yield* hub.addTag(name, name === "base" ? { arches: "x86_64" } : {})
      yield* hub.addTagInheritance("mid", "base")
      yield* hub.addTagInheritance("child", "mid")
    })
  )
  addBuildRows(template, rowBuilds)
  await inHub((hub) =>
    Effect.gen(function* () {
      yield* hub.addPackages("base", packages)
      yield* hub.tagBuild(
        "base",
        builds.filter((_, index) => index % 2 === 0)
      )
      yield* hub.tagBuild(
        "side",
        builds.filter((_, index) => index % 5 === 0),
        { force: true }
      )
    })
  )
  let made = 0
  return {
    /** The topdir of a hub of its own. */
    copy: (): string => {
      made += 1
      const topdir = join(folder, String(made))
      cpSync(template, topdir, { recursive: true })
      return topdir
    },
    remove: (topdir: string): void => rmSync(topdir, { recursive: true, force: true }),
    close: (): void => rmSync(folder, { recursive: true, force: true })
  }
}

/** Does a step; what the hub refuses changes nothing. */
export const take = (hub: Hub["Type"], step: Step) =>
  Effect.catchTags(Effect.asVoid(happen(hub, step)), {
    HubRefused: () => Effect.void,
    NoSuchRpm: () => Effect.void,
    RpmsRefused: () => Effect.void
  })

const happen = (hub: Hub["Type"], step: Step): Effect.Effect<unknown, HubError> => {
  switch (step.does) {
    case "tag":
      return hub.tagBuild(step.tag, [step.build], { force: true })
    case "untag":
      return hub.untagBuild(step.tag, [step.build], { force: true })
    case "add":
      return hub.addPackages(step.tag, step.packages)
    case "block":
      return hub.blockPackages(step.tag, step.packages)
    case "unblock":
      return hub.unblockPackages(step.tag, step.packages)
    case "inherit":
      return hub.addTagInheritance(step.tag, step.from, step.how)
    case "disinherit":
      return hub.removeTagInheritance(step.tag, step.from)
    case "edit":
      return hub.editTag(step.tag, step.how)
    case "sign":
      return hub.importSignatures(signedFiles(step.build, step.key), { write: step.write })
    case "write":
      return hub.writeSignedRpms(
        fixtureKeys[step.key],
        signedFiles(step.build, step.key).map((file) => file.replace(/^.*\/|\.rpm$/g, "")),
        { force: true }
      )
    case "import":
      return hub.importRpms([fixture("unsigned", step.file)])
    case "make":
      return hub.addTag(step.tag)
  }
}

/** The packages of a build that a key has signed, but those that may not be imported yet. */
const signedFiles = (build: string, key: "a" | "b"): ReadonlyArray<string> => {
  const copy = key === "a" ? "key-a" : "key-b"
  return fixtureNames(copy)
    .filter((name) => name.startsWith(`${build}.`) && !heldBack.includes(name))
    .map((name) => fixture(copy, name))
}
