import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, Schema, type Scope } from "effect"
import {
  accident,
  action,
  Bytes,
  type Digest,
  DigestOf,
  ExternalFile,
  ExternalFiles,
  hashOf,
  sizeOf,
  writeBlob
} from "../graph/index.ts"
import { parseSequence } from "../src/repodata/prestodelta.ts"
import { installedSize } from "../src/rpm/merged-view.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { readHead } from "./package-head-reader.ts"

/** A package file, and what it is called. */
const NamedPackage = Schema.Struct({
  name: Schema.String,
  epoch: Schema.NullOr(Schema.Int),
  version: Schema.String,
  release: Schema.String,
  arch: Schema.String,
  file: ExternalFile
})
type NamedPackage = typeof NamedPackage.Type

/** How deltas are made. */
export const DeltaOptions = {
  /** What the programs that make and apply deltas are, in words or by digest: other ones may make other deltas. */
  tool: Schema.String,
  /** Packages of this installed size, in bytes, and larger ones have no deltas. */
  maxInstalledSize: Schema.Int
}

/**
 * A delta rpm between two packages, if it is worth having: not close to the package's own size, and proved by a rebuild of the package from
 * the older one, byte for byte.
 */
export const DeltaRpm = action("delta-rpm", {
  version: 1,
  input: Schema.Struct({ package: NamedPackage, from: NamedPackage, ...DeltaOptions }),
  output: Schema.Union(
    Schema.TaggedStruct("Made", { drpm: DigestOf(Bytes), sequence: Schema.String }),
    /** As good as none: the package is too large for it, or the delta is. */
    Schema.TaggedStruct("NotWorthwhile", { reason: Schema.String }),
    /** The tool cannot make it of these two packages, in its words. */
    Schema.TaggedStruct("Impossible", { reason: Schema.String })
  ),
  label: ({ from, package: made }) => `${nvra(made)} from ${from.version}-${from.release}`,
  // unpacking, sorting and packing a few MB a second
  cost: ({ package: { file } }) => 20 + sizeOf(file) / 1000,
  run: ({ from, maxInstalledSize, package: made }) =>
    Effect.scoped(
      Effect.gen(function* () {
        const size = yield* installedSizeOf(made)
        if (size === null) return notWorthwhile("its header cannot be read")
        if (size >= maxInstalledSize) return notWorthwhile(`it takes ${size} bytes when installed`)
        const folder = yield* temporaryFolder
        const drpm = join(folder, "delta.drpm")
        const sequenceFile = join(folder, "sequence")
        const [older, newer] = [yield* intactPath(from), yield* pathOf(made.file)]
        const names = new Map([
          [older, `${nvra(from)}.rpm`],
          [newer, `${nvra(made)}.rpm`],
          [folder, ""]
        ])
        const making = yield* running("makedeltarpm", ["-s", sequenceFile, older, newer, drpm], names)
        if (making !== null) return yield* impossible(made, making)
        const bytes = yield* reading(drpm)
        if (bytes.length >= (sizeOf(made.file) * largestPercent) / 100) {
          return notWorthwhile(`the delta has ${bytes.length} bytes where the package has ${sizeOf(made.file)}`)
        }
        const sequence = parseSequence((yield* reading(sequenceFile)).toString(), from)
        if (sequence === undefined) return yield* impossible(made, "makedeltarpm prints a sequence of another package")
        const rebuilt = join(folder, "rebuilt.rpm")
        const applying = yield* running("applydeltarpm", ["-r", older, drpm, rebuilt], names)
        if (applying !== null) return yield* impossible(made, applying)
        if ((yield* sha256Of(rebuilt)) !== hashOf(made.file)) {
          return yield* impossible(made, "applydeltarpm makes another package of the delta")
        }
        return { _tag: "Made" as const, drpm: yield* writeBlob(Bytes, bytes), sequence }
      })
    )
})

/** dnf does not fetch deltas from this part of the package's size on (`deltarpm_percentage`). */
const largestPercent = 75

const notWorthwhile = (reason: string) => ({ _tag: "NotWorthwhile" as const, reason })

/** What is wrong follows from the packages only while they are what they are said to be. */
const impossible = (made: NamedPackage, reason: string) =>
  Effect.as(intactPath(made), { _tag: "Impossible" as const, reason })

/** In bytes; null where the package cannot be read, which no repository lists then. */
const installedSizeOf = ({ file }: NamedPackage): Effect.Effect<number | null, never, ExternalFiles> =>
  Effect.flatMap(ExternalFiles, (files) =>
    files.withFile(file, (open) => {
      const { head } = readHead(open)
      return Either.isLeft(head) ? null : Number(installedSize(head.right))
    })
  )

const pathOf = (file: Digest): Effect.Effect<string, never, ExternalFiles> =>
  Effect.gen(function* () {
    const [path] = yield* Effect.flatMap(ExternalFiles, (files) => files.paths([file]))
    return path ?? (yield* Effect.dieMessage("one file has one path"))
  })

/** The path of a file that is still what was recorded. */
const intactPath = ({ file }: NamedPackage): Effect.Effect<string, never, ExternalFiles> =>
  Effect.gen(function* () {
    const files = yield* ExternalFiles
    const path = yield* pathOf(file)
    if (yield* files.isIntact(file)) return path
    return yield* accident(
      `${path} is not the package that was recorded; if it was being changed, run again, else restore it, or write the signed copy anew with write-signed-rpm --force`
    )
  })

/** A folder that goes with its user. */
const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  happening(() => mkdtemp(join(tmpdir(), "distgraph-delta-"))),
  (folder) => happening(() => rm(folder, { recursive: true, force: true }))
)

const reading = (path: string): Effect.Effect<Buffer> => happening(() => readFile(path))

const sha256Of = (path: string): Effect.Effect<string> =>
  happening(async () => {
    const sum = createHash("sha256")
    for await (const part of createReadStream(path)) sum.update(part)
    return sum.digest("hex")
  })

/** What fails here is the machine's fault. A declaration, as constants above need it. */
function happening<A>(work: () => Promise<A>): Effect.Effect<A> {
  return Effect.catchAll(Effect.tryPromise(work), ({ error }) =>
    accident(`a delta rpm cannot be made: ${error instanceof Error ? error.message : String(error)}`)
  )
}

/**
 * Runs a tool to its end; null, or what it complained of, with paths by their names. That it is missing or killed, or lacks memory or
 * room, says nothing of its input.
 */
const running = (
  tool: string,
  args: ReadonlyArray<string>,
  names: ReadonlyMap<string, string>
): Effect.Effect<string | null> =>
  Effect.flatMap(
    Effect.async<Ended>((resume) => {
      const env = { ...process.env, LC_ALL: "C" }
      const child = execFile(tool, args, { env, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
        const { code = 0, signal = null } = error ?? {}
        resume(Effect.succeed({ code: code ?? 0, signal, words: `${stdout}${stderr}`.trim() }))
      })
      return Effect.sync(() => child.kill("SIGKILL"))
    }),
    ({ code, signal, words }) => {
      if (code === "ENOENT") return accident(`${tool} is not there; install the package deltarpm`)
      if (code === 0 && signal === null) return Effect.succeed(null)
      const said = (naming: (name: string) => string): string =>
        [...names].reduce((text, [path, name]) => text.replaceAll(path, naming(name)), words)
      const how = signal === null ? `ends with exit code ${code}` : `is ended by ${signal}`
      const reason = `${tool} ${how}${words === "" ? "" : `: ${said((name) => name)}`}`
      return typeof code !== "number" || signal !== null || ofTheMachine.test(said(() => ""))
        ? accident(`a delta rpm cannot be made: ${reason}`)
        : Effect.succeed(reason)
    }
  )

interface Ended {
  readonly code: number | string
  readonly signal: string | null
  readonly words: string
}

const ofTheMachine = /memory|no space|quota|input\/output|too many open|permission|read-only/i
