import { Either } from "effect"
import type { Compression } from "../../../rules/index.ts"
import type { SignerRequest } from "../../export/signing-key.ts"
import type { CommonOptions } from "../../export/watch/tag-request.ts"
import type { ArgsOf } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import type { DistRepo } from "./dist-repo-spec.ts"
import type { publishOptions } from "./publish-specs.ts"

type Args = Pick<ArgsOf<typeof DistRepo>, keyof typeof publishOptions>

/** What these options say of a request; those that do not go together are a usage error. */
export const publishOptionsOf = (args: Args): Either.Either<CommonOptions, UsageError> =>
  Either.gen(function* () {
    if (args.openChecksum && args.noOpenChecksum) {
      return yield* misuse("--open-checksum and --no-open-checksum are mutually exclusive")
    }
    return {
      database: args.database,
      limitNoarch: args.limitNoarch,
      signer: yield* signerOf(args),
      compression: yield* compressionOf(args),
      openChecksum: !args.noOpenChecksum,
      debugLayout: args.debugLayout ?? "own",
      layout: args.layout ?? "hardlink"
    }
  })

const signerOf = ({ repomdKey, signCommand, signRepomd }: Args): Either.Either<SignerRequest | null, UsageError> => {
  if (signRepomd !== undefined && signCommand !== undefined) {
    return misuse("--sign-repomd and --sign-command are mutually exclusive")
  }
  if (repomdKey !== undefined && signCommand === undefined) {
    return misuse("--repomd-key is the public key of a --sign-command; --sign-repomd publishes its own")
  }
  if (signCommand !== undefined) {
    return Either.right({ _tag: "Command", command: signCommand, keyFile: repomdKey ?? null })
  }
  return Either.right(signRepomd === undefined ? null : { _tag: "Gpg", key: signRepomd })
}

const compressionOf = ({ compress, profile }: Args): Either.Either<Compression, UsageError> => {
  const wanted = profile === undefined ? undefined : profile === "fedora" ? "zstd" : "gz"
  if (compress !== undefined && wanted !== undefined && compress !== wanted) {
    return misuse(`--profile ${profile} means --compress ${wanted}: leave one of the two out`)
  }
  return Either.right(compress ?? wanted ?? "gz")
}

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))
