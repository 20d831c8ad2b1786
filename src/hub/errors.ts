import { Data } from "effect"

/** Everything a hub operation can fail with. */
export type HubError =
  | HubUnavailable
  | NoSuchTag
  | NoSuchBuild
  | NoSuchRpm
  | NoSuchEvent
  | NoSuchRepo
  | HubRefused
  | RpmsRefused
  | PublishLockHeld

/** The database or the topdir cannot be used at all: not there, written by a newer version, a full disk, a lock held too long. */
export class HubUnavailable extends Data.TaggedError("HubUnavailable")<{
  readonly topdir: string
  readonly reason: string
  /** Where it can be read. */
  readonly changing?: true
}> {
  override get message(): string {
    return `The hub in ${this.topdir} cannot be ${this.changing ? "changed" : "used"}: ${this.reason}`
  }
}

/** No tag of this name exists (at the event, where one was given). The first words are Koji's. */
export class NoSuchTag extends Data.TaggedError("NoSuchTag")<{ readonly tag: string; readonly event: number | null }> {
  override get message(): string {
    return `No such tagInfo: '${this.tag}'${this.event === null ? "" : ` at event ${this.event}`}`
  }
}

export class NoSuchBuild extends Data.TaggedError("NoSuchBuild")<{ readonly builds: ReadonlyArray<string> }> {
  override get message(): string {
    return `No such build: ${this.builds.map((build) => `'${build}'`).join(", ")}`
  }
}

export class NoSuchRpm extends Data.TaggedError("NoSuchRpm")<{ readonly rpms: ReadonlyArray<string> }> {
  override get message(): string {
    return `No such rpm: ${this.rpms.map((rpm) => `'${rpm}'`).join(", ")}`
  }
}

export class NoSuchEvent extends Data.TaggedError("NoSuchEvent")<{ readonly event: number }> {
  override get message(): string {
    return `No such event: ${this.event}`
  }
}

export class NoSuchRepo extends Data.TaggedError("NoSuchRepo")<{ readonly repo: number }> {
  override get message(): string {
    return `No such repo: ${this.repo}`
  }
}

/** The hub understands the request and says no, in Koji's words where Koji has some. */
export class HubRefused extends Data.TaggedError("HubRefused")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** One file that cannot be taken, and why. */
export interface RpmProblem {
  readonly file: string
  readonly reason: string
}

/** Some of the files given to `importRpms` or `importSignatures` cannot be taken: all of them are named, and nothing was written. */
export class RpmsRefused extends Data.TaggedError("RpmsRefused")<{ readonly problems: ReadonlyArray<RpmProblem> }> {
  override get message(): string {
    const count = this.problems.length === 1 ? "1 file" : `${this.problems.length} files`
    const lines = this.problems.map(({ file, reason }) => `  ${file}: ${reason}`)
    return [`Nothing was imported, because ${count} cannot be:`, ...lines].join("\n")
  }
}

/** Another process has been publishing into this topdir for too long. */
export class PublishLockHeld extends Data.TaggedError("PublishLockHeld")<{
  readonly topdir: string
  readonly waitedSeconds: number
}> {
  override get message(): string {
    return `Another process has been publishing into ${this.topdir} for more than ${this.waitedSeconds} s. Wait for it or stop it, then try again.`
  }
}
