import { join } from "node:path"
import { Effect, Either } from "effect"
import { describe, expect, it } from "vitest"
import { writeBlob } from "../../graph/index.ts"
import { Createrepo } from "../../rules/createrepo.ts"
import { DeltaRpm } from "../../rules/delta-rpm.ts"
import { DistRepo } from "../../rules/dist-repo.ts"
import { InternalRepo } from "../../rules/internal-repo.ts"
import { MultilibLists } from "../../rules/multilib.ts"
import { writeOlderList } from "../../rules/older-packages.ts"
import { parseMultilibConfig } from "../../src/koji/multilib.ts"
import { goldenNodes, goldenRun, withoutGolden } from "../kit/golden.ts"
import { allRules } from "./all-rules.ts"
import {
  directory,
  externalRepos,
  internal,
  keys,
  limited,
  metadata,
  rows,
  rpmArches,
  snapshot,
  stamp,
  text,
  topdir
} from "./export-inputs.ts"
import { fixturePath } from "./fixture-rows.ts"

// The libraries have no counterparts among the fixtures; a noarch package is its own.
const lists = "[runtime]\nwhite =\nblack =\n[devel]\nwhite = demo-release\nblack = libgreet libgreet-devel\n"
const config = Effect.suspend(() =>
  writeBlob(MultilibLists, { text: lists, ...Either.getOrThrow(parseMultilibConfig(lists)) })
)

const withDatabase = { database: true, compression: "gz" } as const
const armor = "-----BEGIN PGP SIGNATURE-----"

/** A dist repo with all that can be asked for. What deltas the tool makes differs from machine to machine: none is wanted. */
const everything = Effect.map(
  Effect.all({
    snapshot,
    files: limited,
    config,
    dictionary: text("<package name="),
    older: writeOlderList(rows.map(({ primary, ...rpm }) => ({ ...rpm, file: primary })))
  }),
  ({ config, dictionary, files, older, snapshot }) => {
    const { rpmArches: _, ...given } = files
    const deltas = { older: [older], perRepository: 1, maxInstalledSize: 0, tool: "none" }
    return {
      snapshot,
      stamp,
      keys,
      missingSignatures: "allow" as const,
      arches: [
        { arch: "i386", rpmArches: ["i686", "noarch"] },
        { arch: "x86_64", rpmArches, deltas }
      ],
      topdir,
      limitNoarch: true as const,
      multilib: config,
      splitDebuginfo: "own" as const,
      zchunk: { dictionaries: [{ file: "filelists.xml", content: dictionary }] },
      signer: { _tag: "Command" as const, command: `cat >/dev/null; echo "${armor}"` },
      ...given,
      ...withDatabase,
      ...metadata
    }
  }
)

const hello = rows.filter(({ arch, name }) => name === "hello" && arch === "x86_64")
const tooLarge = Effect.suspend(() => {
  const [from, made] = hello.map(({ primary, ...rpm }) => ({ ...rpm, file: primary }))
  return from === undefined || made === undefined
    ? Effect.dieMessage("no hello among the fixtures")
    : Effect.succeed({ package: made, from, maxInstalledSize: 1, tool: "none" })
})

const files = ["rules.golden.json", "exports.golden.json"].map((name) => join(import.meta.dirname, name))

goldenNodes({
  file: join(import.meta.dirname, "exports.golden.json"),
  path: fixturePath,
  runs: [
    goldenRun(DistRepo, everything),
    goldenRun(InternalRepo, internal({})),
    goldenRun(
      InternalRepo,
      Effect.flatMap(externalRepos, (repos) =>
        internal({ src: true, external: { x86_64: { mode: "koji", origin: "file:///mnt/koji/", repos } } })
      )
    ),
    goldenRun(
      Createrepo,
      Effect.map(directory(), (packages) => ({
        packages,
        deltas: { older: [packages], perRepository: 1, maxInstalledSize: 0, tool: "none", compression: "gz" as const },
        ...withDatabase,
        ...metadata
      }))
    ),
    goldenRun(DeltaRpm, tooLarge)
  ]
})

describe("golden outputs", () => {
  it("are there for every rule, in its version", () => {
    expect(withoutGolden(allRules.values(), files)).toEqual([])
  })
})
