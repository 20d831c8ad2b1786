import { Effect, Either, Schema } from "effect"
import { action, Bytes, DigestOf, need, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { heldPackages } from "../src/repodata/held-packages.ts"
import { filterModules } from "../src/repodata/modules/filter-modules.ts"
import { mergeModules, modulesYaml } from "../src/repodata/modules/merge-modules.ts"
import { readModules } from "../src/repodata/modules/read-modules.ts"
import { givenReader } from "./given-reader.ts"
import { HeldListDigest, readHeldPackages } from "./held-packages.ts"
import { GivenFile, UnusableMetadata } from "./unusable-metadata.ts"

/** What a file of module metadata holds, and its reader. */
const { Read: ModuleDocuments, ReadFile: ReadModules } = givenReader("module-documents", readModules)

/** What module metadata is limited to; where absent it is all that was given. */
const Limits = Schema.optionalWith(Schema.Struct({ arches: Schema.Array(Schema.String), held: HeldListDigest }), {
  exact: true
})

/** What becomes of the module metadata that a repository is given. */
const Made = Schema.Struct({
  /** null where nothing is left. */
  content: Schema.NullOr(DigestOf(Bytes)),
  warnings: Schema.Array(Schema.String)
})

/** The module metadata of one repository. */
const ModulesYaml = action("modules-yaml", {
  version: 1,
  input: Schema.Struct({
    files: Schema.Array(GivenFile(DigestOf(ModuleDocuments))),
    repository: Limits
  }),
  output: Made,
  error: UnusableMetadata,
  label: () => "",
  cost: () => 100,
  run: ({ files, repository }) =>
    Effect.gen(function* () {
      const read = yield* Effect.forEach(files, ({ content }) => readBlob(ModuleDocuments, content))
      const merged = mergeModules(read.map(({ documents }) => documents))
      if (Either.isLeft(merged)) {
        return yield* new UnusableMetadata({ files: files.map(({ name }) => name), reason: merged.left.message })
      }
      const packager = read.flatMap(({ packager }, at) => {
        const documents = packager === 1 ? "1 document" : `${packager} documents`
        return packager === 0 ? [] : [`${files[at]?.name}: ${documents} for packagers only: left out`]
      })
      const limited =
        repository === undefined
          ? { documents: merged.right.documents, warnings: [] }
          : filterModules(merged.right.documents, {
              arches: repository.arches,
              packages: heldPackages(yield* readHeldPackages(repository.held))
            })
      const { documents } = limited
      return {
        content: documents.length === 0 ? null : yield* writeBlob(Bytes, modulesYaml(documents)),
        warnings: [...packager, ...merged.right.warnings, ...limited.warnings]
      }
    })
})

/** Files of module metadata as that of one repository. */
export const Modules = plan("modules", {
  version: 1,
  needs: [ReadModules, ModulesYaml],
  input: Schema.Struct({
    files: Schema.Array(GivenFile(DigestOf(Bytes))),
    repository: Limits
  }),
  output: Made,
  label: () => "",
  run: ({ files, ...limits }) =>
    Effect.gen(function* () {
      const read = yield* needAll(ReadModules, files)
      return yield* need(ModulesYaml, {
        files: files.flatMap(({ name }, at) => {
          const content = read[at]
          return content === undefined ? [] : [{ name, content }]
        }),
        ...limits
      })
    })
})
