/** A small sound stream document; what is empty is left out. */
export const streamYaml = ({
  arch = "x86_64",
  name = "a",
  rpms = [],
  summary = "A summary",
  version = "1"
}: {
  readonly arch?: string
  readonly name?: string
  readonly rpms?: ReadonlyArray<string>
  readonly summary?: string
  readonly version?: string
}): string => `---
document: modulemd
version: 2
data:
  name: ${name}
  stream: 1
  version: ${version}
  context: c
${arch === "" ? "" : `  arch: ${arch}\n`}  summary: ${summary}
  description: A description
  license:
    module: [MIT]
${rpms.length === 0 ? "" : `  artifacts:\n    rpms: [${rpms.map((nevra) => `"${nevra}"`).join(", ")}]\n`}...
`

/** A small sound document of defaults. */
export const defaultsYaml = ({
  modified,
  module = "a",
  profiles = "{}",
  ...stream
}: {
  readonly modified?: string
  readonly module?: string
  readonly profiles?: string
  readonly stream?: string | undefined
}): string => {
  const named = "stream" in stream ? stream.stream : "1"
  return `---
document: modulemd-defaults
version: 1
data:
  module: ${module}
${modified === undefined ? "" : `  modified: ${modified}\n`}${named === undefined ? "" : `  stream: ${named}\n`}  profiles: ${profiles}
...
`
}
