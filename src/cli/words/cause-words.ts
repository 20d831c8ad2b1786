import { match } from "ts-pattern"
import type { ContentCauseKind } from "../../hub/model.ts"

/** What an event did that changed a tag's content. `tag` is the one that it changed; null where it changed files. */
export const causeWords = (what: ContentCauseKind, tag: string | null): string =>
  match(what)
    .with("build-tagged", () => `tagged into ${tag}`)
    .with("build-untagged", () => `untagged from ${tag}`)
    .with("package-added", () => `package added to ${tag}`)
    .with("package-blocked", () => `blocked in ${tag}`)
    .with("package-unblocked", () => `unblocked in ${tag}`)
    .with("inheritance-changed", () => `inheritance of ${tag} changed`)
    .with("rpms-imported", () => "rpms imported")
    .with("signature-imported", () => "signature imported")
    .with("signed-copy-written", () => "signed copy written")
    .exhaustive()
