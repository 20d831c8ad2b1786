/** A package that an advisory lists. */
interface Listed {
  readonly name: string
  readonly arch?: string
  readonly epoch?: string
  readonly filename?: string
  readonly sha256?: string
  readonly version?: string
  readonly release?: string
}

/** A small advisory. */
export const advisoryXml = ({
  collections = [],
  id = "A",
  title = "A title"
}: {
  readonly collections?: ReadonlyArray<ReadonlyArray<Listed>>
  readonly id?: string
  readonly title?: string
}): string =>
  `<update from="a@example.com" status="final" type="security" version="1"><id>${id}</id><title>${title}</title>
  <issued date="2024-01-02 03:04:05"/><severity>Important</severity><description>Some words.</description>
  <references><reference href="https://example.com/CVE-1" id="CVE-1" type="cve" title="CVE-1"/></references>
  <pkglist>${collections.map(collectionXml).join("")}</pkglist></update>`

/** updateinfo.xml of these advisories. */
export const updatesXml = (...advisories: ReadonlyArray<string>): string => `<updates>${advisories.join("")}</updates>`

const collectionXml = (packages: ReadonlyArray<Listed>): string =>
  `<collection short="S"><name>Some</name>${packages
    .map(({ arch = "x86_64", epoch = "0", filename, name, release = "1", sha256, version = "1" }) => {
      const attributes = `name="${name}" epoch="${epoch}" version="${version}" release="${release}" arch="${arch}"`
      const file = filename === undefined ? "" : `<filename>${filename}</filename>`
      const sum = sha256 === undefined ? "" : `<sum type="sha256">${sha256}</sum>`
      return `<package ${attributes}>${file}${sum}</package>`
    })
    .join("")}</collection>`
