/** Which old files of `repodata` stay beside the new ones. */
export type Retention =
  /** Those that nothing listed; all if so asked. */
  | { readonly kind: "unlisted" }
  | { readonly kind: "all" }
  /** The newest few of each of primary, filelists and other and of their sqlite files, and whatever is none of these. */
  | { readonly kind: "newest"; readonly count: number }
  /** Those that are not older, in seconds. */
  | { readonly kind: "age"; readonly seconds: number }

export interface OldFile {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly mtime: number
  /** Whether the repomd.xml that is replaced lists it. */
  readonly listed: boolean
}

/** The names of old files that go. Source: createrepo_c's old_metadata_retention. `now` is in milliseconds. */
export const outdated = (files: ReadonlyArray<OldFile>, retention: Retention, now: number): ReadonlyArray<string> => {
  switch (retention.kind) {
    case "unlisted":
      return files.filter(({ listed }) => listed).map(({ name }) => name)
    case "all":
      return []
    case "age":
      return files.filter(({ mtime }) => mtime < now - retention.seconds * 1000).map(({ name }) => name)
    case "newest":
      return counted.flatMap((kind) =>
        files
          .filter(({ name }) => name.replace(/\.[^.]*$/, "").endsWith(kind))
          .sort((a, b) => b.mtime - a.mtime)
          .slice(retention.count)
          .map(({ name }) => name)
      )
  }
}

const counted = ["primary.xml", "filelists.xml", "other.xml", "primary.sqlite", "filelists.sqlite", "other.sqlite"]
