/** The export, as rules: the root, what goes into it, and what comes out. */
export { Compression } from "./compression.ts"
export { Directory, type DirectoryEntry } from "./directory.ts"
export { DistRepo } from "./dist-repo.ts"
export { Rope } from "./rope.ts"
export { copyPath, type TaggedRpm } from "./rpm-row.ts"
export { BrokenPackages } from "./set-metadata.ts"
export { MissingSignatures, UnusableContent } from "./signed-lookup.ts"
export { SnapshotDigest, Stamp, writeSnapshot } from "./snapshot.ts"
