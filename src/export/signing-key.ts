import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { Data, Effect } from "effect"
import { Bytes, withBlobs, writeBlob } from "../../graph/index.ts"
import type { Signer } from "../../rules/index.ts"

/** Who is asked to sign repomd.xml. */
export type SignerRequest =
  /** A key of gpg's keyring, by id, fingerprint or user id. */
  | { readonly _tag: "Gpg"; readonly key: string }
  /** A command of the site's, and the file of its public key, where that is to be published. */
  | { readonly _tag: "Command"; readonly command: string; readonly keyFile: string | null }

/** Nobody can sign as asked. */
export class NoSigningKey extends Data.TaggedError("NoSigningKey")<{ readonly reason: string }> {
  override get message(): string {
    return `repomd.xml cannot be signed: ${this.reason}`
  }
}

/** Finds the one key that is meant, or reads the key file, before any work is done. */
export const findSigner = (request: SignerRequest) =>
  request._tag === "Gpg" ? findKey(request.key) : commandSigner(request)

const findKey = (key: string): Effect.Effect<Signer, NoSigningKey> =>
  Effect.gen(function* () {
    const fingerprints = yield* secretKeys(key)
    const [fingerprint, ...others] = fingerprints
    if (fingerprint === undefined) {
      return yield* new NoSigningKey({ reason: `gpg has no secret key "${key}" (gpg --list-secret-keys lists them)` })
    }
    if (others.length > 0) {
      return yield* new NoSigningKey({
        reason: `gpg has several secret keys "${key}": ${fingerprints.join(", ")}; give a fingerprint`
      })
    }
    return { _tag: "Gpg", fingerprint }
  })

const commandSigner = ({ command, keyFile }: Extract<SignerRequest, { _tag: "Command" }>) =>
  Effect.gen(function* () {
    if (keyFile === null) return { _tag: "Command", command } satisfies Signer
    const path = resolve(keyFile)
    const bytes = yield* Effect.try({
      try: () => readFileSync(path),
      catch: (cause) => new NoSigningKey({ reason: cause instanceof Error ? cause.message : String(cause) })
    })
    return { _tag: "Command", command, key: yield* withBlobs(writeBlob(Bytes, bytes)) } satisfies Signer
  })

/** Fingerprints of the primary keys that are meant. */
const secretKeys = (key: string): Effect.Effect<ReadonlyArray<string>, NoSigningKey> =>
  Effect.async((resume) => {
    const args = ["--batch", "--no-tty", "--with-colons", "--list-secret-keys", "--", key]
    execFile("gpg", args, (problem, stdout) => {
      if (problem !== null && problem.code === "ENOENT") {
        return resume(new NoSigningKey({ reason: "there is no program gpg; install gnupg" }))
      }
      const primary = [...stdout.matchAll(/^sec:[^\n]*\n(?:[^\n]*\n)*?fpr:(?:[^:\n]*:){8}([0-9A-F]+):/gm)]
      resume(Effect.succeed(primary.map(([, fingerprint = ""]) => fingerprint)))
    })
  })
