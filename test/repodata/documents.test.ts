import { describe, expect, it } from "vitest"
import { closing, opening } from "../../src/repodata/documents.ts"

describe("a metadata file without packages", () => {
  const empty = (kind: Parameters<typeof opening>[0]) => Buffer.concat([opening(kind, 0), closing(kind)]).toString()

  it("is what createrepo_c writes for an empty directory", () => {
    expect(empty("primary")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="0">\n' +
        "</metadata>"
    )
    expect(empty("filelists")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="0">\n</filelists>'
    )
    expect(empty("other")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<otherdata xmlns="http://linux.duke.edu/metadata/other" packages="0">\n</otherdata>'
    )
  })
})
