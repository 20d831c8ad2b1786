import { type OptionSpec, spec } from "../frame/command.ts"
import { profileRun } from "./export-specs.ts"
import { givenOptions } from "./given-specs.ts"

/** Options of createrepo_c that change nothing here, each with the reason. */
const accepted = {
  update: { kind: "flag", long: "--update", summary: "Accepted: what did not change is always reused" },
  skipStat: {
    kind: "flag",
    long: "--skip-stat",
    summary: "Accepted: a look at each file costs microseconds and is always taken"
  },
  updateMdPath: {
    kind: "list",
    long: "--update-md-path",
    value: "DIR",
    summary: "Accepted: results are found in the store, not in old metadata"
  },
  cachedir: {
    kind: "text",
    long: "--cachedir",
    short: "-c",
    value: "DIR",
    summary: "Accepted: the store keeps checksums"
  },
  pretty: { kind: "flag", long: "--pretty", short: "-p", summary: "Accepted: metadata is always indented" },
  localSqlite: {
    kind: "flag",
    long: "--local-sqlite",
    summary: "Accepted: sqlite files are made in the folder for temporary files"
  },
  errorExitVal: {
    kind: "flag",
    long: "--error-exit-val",
    summary: "Accepted: broken packages always give exit code 2"
  },
  keepAllMetadata: {
    kind: "flag",
    long: "--keep-all-metadata",
    summary: "Accepted: further records of the old repomd.xml are kept"
  },
  uniqueMdFilenames: {
    kind: "flag",
    long: "--unique-md-filenames",
    summary: "Accepted: names of metadata files begin with their checksums"
  },
  verbose: { kind: "flag", long: "--verbose", short: "-v", summary: "Accepted, and means nothing" }
} as const satisfies Readonly<Record<string, OptionSpec>>

/** Options of createrepo_c for which there is no rule yet: refused rather than passed over. */
const refused = {
  split: { kind: "flag", long: "--split", summary: "Refused: repositories on several media are not made" },
  filelistsExt: {
    kind: "flag",
    long: "--filelists-ext",
    summary: "Refused: digests of files are not kept of packages"
  },
  duplicatedNevra: {
    kind: "text",
    long: "--duplicated-nevra",
    value: "POLICY",
    summary: "Only keep, which is what is done; keep-last is refused"
  },
  noPretty: { kind: "flag", long: "--no-pretty", summary: "Refused: metadata is always indented" },
  recyclePkglist: {
    kind: "flag",
    long: "--recycle-pkglist",
    summary: "Refused: old metadata is not read for packages"
  },
  readPkgsList: { kind: "text", long: "--read-pkgs-list", value: "FILE", summary: "Refused: not written yet" },
  xz: { kind: "flag", long: "--xz", summary: "Refused: metadata is compressed with gz or zstd" }
} as const satisfies Readonly<Record<string, OptionSpec>>

export const CreaterepoCommand = spec({
  name: "createrepo",
  summary: "Make the repository metadata of a plain directory",
  description:
    "Makes DIR/repodata for the packages in a directory and below it, as createrepo_c does, but works only on what changed since " +
    "it was last run: there is no --update to think of. No hub is needed.",
  hub: false,
  arguments: {
    directory: { kind: "one", value: "dir", missing: "Must specify exactly one directory to index.", path: true }
  },
  options: {
    outputdir: {
      kind: "path",
      long: "--outputdir",
      short: "-o",
      value: "DIR",
      summary: "Write repodata below DIR, which must be there"
    },
    excludes: {
      kind: "list",
      long: "--excludes",
      short: "-x",
      value: "GLOB",
      summary: "Leave out what matches by name or by path (* and ?); may be repeated"
    },
    pkglist: {
      kind: "path",
      long: "--pkglist",
      short: "-i",
      value: "FILE",
      summary: "Take just the packages that FILE lists, a path a line"
    },
    includepkg: {
      kind: "list",
      long: "--includepkg",
      short: "-n",
      value: "PATH",
      summary: "Take just this package; may be repeated"
    },
    skipSymlinks: {
      kind: "flag",
      long: "--skip-symlinks",
      short: "-S",
      summary: "Leave out packages that are symbolic links"
    },
    baseurl: {
      kind: "text",
      long: "--baseurl",
      short: "-u",
      value: "URL",
      summary: "Where packages are fetched from: xml:base of each"
    },
    locationPrefix: {
      kind: "text",
      long: "--location-prefix",
      value: "PREFIX",
      summary: "Put PREFIX before each package's path"
    },
    cutDirs: {
      kind: "integer",
      long: "--cut-dirs",
      value: "N",
      summary: "Take N leading folders off each package's path"
    },
    groupfile: {
      kind: "text",
      long: "--groupfile",
      short: "-g",
      value: "FILE",
      summary: "Publish this comps file (relative to the directory)"
    },
    ...givenOptions,
    checksum: {
      kind: "choice",
      long: "--checksum",
      short: "-s",
      value: "TYPE",
      choices: ["sha256", "sha224", "sha384", "sha512", "sha1", "sha", "md5"],
      summary: "Checksum of packages and metadata (sha256)"
    },
    repomdChecksum: {
      kind: "choice",
      long: "--repomd-checksum",
      value: "TYPE",
      choices: ["sha256", "sha224", "sha384", "sha512", "sha1", "sha", "md5"],
      summary: "Checksum of metadata files, where it is another than that of packages"
    },
    generalCompressType: {
      kind: "choice",
      long: "--general-compress-type",
      value: "TYPE",
      choices: ["gz", "zstd", "bz2", "xz", "zck"],
      summary: "Compress metadata with gz or zstd (the default); bz2, xz and zck are refused"
    },
    compressType: {
      kind: "choice",
      long: "--compress-type",
      value: "TYPE",
      choices: ["gz", "zstd", "bz2", "xz", "zck"],
      summary: "Compress the group file otherwise"
    },
    compatibility: {
      kind: "flag",
      long: "--compatibility",
      summary: "For old clients: gz, the group file also as it is, old metadata retained by kind"
    },
    zck: { kind: "flag", long: "--zck", summary: "Make zchunk files as well" },
    zckDictDir: {
      kind: "path",
      long: "--zck-dict-dir",
      value: "DIR",
      summary: "Compress them with the dictionaries in DIR, such as primary.xml.zdict"
    },
    database: {
      kind: "flag",
      long: "--database",
      short: "-d",
      summary: "Also make sqlite databases of the metadata, which only yum 3 needs"
    },
    deltas: {
      kind: "flag",
      long: "--deltas",
      summary: "Make delta rpms from the packages of --oldpackagedirs, and their list"
    },
    oldpackagedirs: {
      kind: "paths",
      long: "--oldpackagedirs",
      value: "DIR",
      summary: "With --deltas: where older packages are; may be repeated"
    },
    numDeltas: {
      kind: "integer",
      long: "--num-deltas",
      value: "N",
      summary: "With --deltas: from how many older editions in each DIR (1)"
    },
    maxDeltaRpmSize: {
      kind: "integer",
      long: "--max-delta-rpm-size",
      value: "BYTES",
      summary: "With --deltas: none for packages of this installed size and above (100000000)"
    },
    noDatabase: { kind: "flag", long: "--no-database", summary: "Make no sqlite databases, as by default" },
    changelogLimit: {
      kind: "integer",
      long: "--changelog-limit",
      value: "N",
      summary: "Changelog entries of each package (10); -1 for all"
    },
    repo: { kind: "list", long: "--repo", value: "TAG", summary: "Tag the repository; may be repeated" },
    content: { kind: "list", long: "--content", value: "TAG", summary: "Tag its content; may be repeated" },
    distro: { kind: "list", long: "--distro", value: "[CPEID,]TEXT", summary: "Tag its distribution; may be repeated" },
    revision: { kind: "text", long: "--revision", value: "TEXT", summary: "Revision of repomd.xml (the time)" },
    setTimestampToRevision: {
      kind: "flag",
      long: "--set-timestamp-to-revision",
      summary: "Date the metadata files by --revision, a number of seconds"
    },
    simpleMdFilenames: {
      kind: "flag",
      long: "--simple-md-filenames",
      summary: "Name metadata files without their checksums"
    },
    retainOldMd: {
      kind: "integer",
      long: "--retain-old-md",
      value: "N",
      summary: "Keep old metadata files (with --compatibility N of each kind)"
    },
    retainOldMdByAge: {
      kind: "text",
      long: "--retain-old-md-by-age",
      value: "AGE",
      summary: "Keep old files of repodata for so long: 30m, 8h, 7d"
    },
    discardAdditionalMetadata: {
      kind: "flag",
      long: "--discard-additional-metadata",
      summary: "Drop further records of the old repomd.xml"
    },
    workers: { kind: "integer", long: "--workers", value: "N", summary: "How many threads work at most (all cores)" },
    ignoreLock: { kind: "flag", long: "--ignore-lock", summary: "Remove the lock .repodata of another createrepo" },
    noSkipStat: { kind: "flag", long: "--no-skip-stat", summary: "Read every package in full, whatever its times say" },
    noOpenChecksum: {
      kind: "flag",
      long: "--no-open-checksum",
      summary: "Leave the checksums of uncompressed metadata out of repomd.xml, which saves a pass over it"
    },
    profileRun,
    ...accepted,
    ...refused
  }
})
