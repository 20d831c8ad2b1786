import { join } from "node:path"

/** Where a data set and what is made of it lie. All of it is on one file system, for hard links. */
export interface Folders {
  readonly root: string
  /** The hub's. */
  readonly topdir: string
  /** What createrepo_c runs on: a flat folder an arch, its packages hard links to the topdir's. */
  readonly arches: ReadonlyArray<{ readonly arch: string; readonly path: string }>
  /** Packages before they are imported. */
  readonly incoming: string
  /** A store a name below it. */
  readonly store: string
  /** For what is removed again at once. */
  readonly scratch: string
  /** The hub's database with nothing but the generated builds, to begin with again. */
  readonly pristineHub: string
  /** Written last: without it the data set is not whole. */
  readonly parameters: string
}

export const foldersIn = (root: string, arches: ReadonlyArray<string>): Folders => ({
  root,
  topdir: join(root, "topdir"),
  arches: arches.map((arch) => ({ arch, path: join(root, "arches", arch) })),
  incoming: join(root, "incoming"),
  store: join(root, "stores"),
  scratch: join(root, "scratch"),
  pristineHub: join(root, "hub.db.pristine"),
  parameters: join(root, "parameters.json")
})
