import { execFile } from "node:child_process"
import { Effect, Schema } from "effect"
import { accident, action, Bytes, DigestOf, readBlob, writeBlob } from "../graph/index.ts"

/** Who signs repomd.xml. */
export const Signer = Schema.Union(
  /** gpg, with a secret key of the keyring that it finds by itself. */
  Schema.TaggedStruct("Gpg", { fingerprint: Schema.String }),
  /** A site's own command, run by `sh`: reads repomd.xml and prints its detached signature, ASCII-armored. */
  Schema.TaggedStruct("Command", {
    command: Schema.String,
    /** The public key file that is published with it. */
    key: Schema.optionalWith(DigestOf(Bytes), { exact: true })
  })
)
export type Signer = typeof Signer.Type

/**
 * The detached signature of repomd.xml, and the public key beside it. A signature holds the time at which it was made, so it is no
 * function of its input: one that was made stays as long as repomd.xml does.
 */
export const Signature = action("signature", {
  version: 1,
  input: Schema.Struct({ repomd: DigestOf(Bytes), signer: Signer }),
  output: Schema.Struct({
    signature: DigestOf(Bytes),
    key: Schema.optionalWith(DigestOf(Bytes), { exact: true })
  }),
  label: () => "",
  cost: () => 50,
  run: ({ repomd, signer }) =>
    Effect.gen(function* () {
      const bytes = yield* readBlob(Bytes, repomd)
      if (signer._tag === "Command") {
        const { command, key } = signer
        const signature = yield* armored("SIGNATURE", command, "sh", ["-c", command], bytes)
        return { signature: yield* writeBlob(Bytes, signature), ...(key === undefined ? {} : { key }) }
      }
      const { fingerprint } = signer
      const gpg = (what: string, ...args: ReadonlyArray<string>) =>
        armored(what, `gpg with the key ${fingerprint}`, "gpg", ["--batch", "--no-tty", "--armor", ...args], bytes)
      const signature = yield* gpg("SIGNATURE", "--local-user", fingerprint, "--detach-sign")
      const key = yield* gpg("PUBLIC KEY BLOCK", "--export", fingerprint)
      return { signature: yield* writeBlob(Bytes, signature), key: yield* writeBlob(Bytes, key) }
    })
})

/** What a program prints, which must be ASCII armor of a kind. */
const armored = (
  what: string,
  who: string,
  program: string,
  args: ReadonlyArray<string>,
  input: Uint8Array
): Effect.Effect<Uint8Array> =>
  Effect.gen(function* () {
    const printed = yield* output(program, args, input).pipe(
      Effect.catchAll((reason) => accident(`repomd.xml cannot be signed: ${who} fails: ${reason}`))
    )
    if (printed.toString("latin1").startsWith(`-----BEGIN PGP ${what}-----`)) return printed
    return yield* accident(`repomd.xml cannot be signed: ${who} does not print an ASCII-armored ${what.toLowerCase()}`)
  })

/** In MiB; a signature has a few hundred bytes, a key some thousand. */
const largest = 16

const output = (program: string, args: ReadonlyArray<string>, input: Uint8Array): Effect.Effect<Buffer, string> =>
  Effect.async((resume) => {
    const options = { encoding: "buffer", maxBuffer: largest * 2 ** 20 } as const
    const child = execFile(program, args, options, (problem, stdout, stderr) => {
      const said = stderr.toString().trim()
      resume(problem === null ? Effect.succeed(stdout) : Effect.fail(said === "" ? problem.message : said))
    })
    child.stdin?.on("error", () => {}) // a command that does not read says so by how it ends
    child.stdin?.end(input)
    return Effect.sync(() => child.kill())
  })
