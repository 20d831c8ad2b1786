import { Effect, Either, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { filterComps } from "../src/repodata/comps.ts"
import { HeldListDigest, readHeldPackages } from "./held-packages.ts"
import { UnusableMetadata } from "./unusable-metadata.ts"

/** A comps file, limited to one repository. */
export const Comps = action("comps", {
  version: 1,
  input: Schema.Struct({
    content: DigestOf(Bytes),
    arches: Schema.Array(Schema.String),
    /** The packages that groups may have; where absent all. */
    held: Schema.optionalWith(HeldListDigest, { exact: true })
  }),
  output: Schema.Struct({ content: DigestOf(Bytes), warnings: Schema.Array(Schema.String) }),
  error: UnusableMetadata,
  label: () => "",
  cost: () => 100,
  run: ({ arches, content, held }) =>
    Effect.gen(function* () {
      const packages = held === undefined ? null : new Set((yield* readHeldPackages(held)).map(({ name }) => name))
      const filtered = filterComps(yield* readBlob(Bytes, content), { arches, packages })
      if (Either.isLeft(filtered)) {
        return yield* new UnusableMetadata({ files: ["comps"], reason: filtered.left.reason })
      }
      const { content: limited, warnings } = filtered.right
      return { content: yield* writeBlob(Bytes, limited), warnings }
    })
})
