/** The export, as rules: the root, what goes into it, and what comes out. */
export { MetadataKind } from "./compress-group.ts"
export { Compression } from "./compression.ts"
export { Createrepo } from "./createrepo.ts"
export type { DebugLayout } from "./debug-layout.ts"
export { Directory, type DirectoryEntry } from "./directory.ts"
export {
  DirectoryChunk,
  DirectoryList,
  DirectoryListDigest,
  type DirectoryPackage,
  writeDirectoryList
} from "./directory-packages.ts"
export { DistRepo } from "./dist-repo.ts"
export { Groundwork } from "./groundwork.ts"
export { InternalRepo } from "./internal-repo.ts"
export { MultilibLists } from "./multilib.ts"
export { OlderListDigest, type OlderPackage, writeOlderList } from "./older-packages.ts"
export { PackageDirectory, type PackageFile, PackageFiles } from "./package-directory.ts"
export { type RepositoryFile, type RepositoryFiles, repomdRecord, uniqueName } from "./repository-file.ts"
export { Rope } from "./rope.ts"
export { copyPath, type TaggedRpm } from "./rpm-row.ts"
export { BrokenPackages } from "./set-metadata.ts"
export { sideBySide } from "./side-by-side.ts"
export type { Signer } from "./signature.ts"
export { MissingSignatures, SignedLookup, UnusableContent } from "./signed-lookup.ts"
export { type EncodedSnapshot, encodeSnapshot, SnapshotDigest, Stamp, writeEncodedSnapshot } from "./snapshot.ts"
export { spliceSnapshot } from "./splice-snapshot.ts"
