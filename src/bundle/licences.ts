import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Metafile } from "esbuild"

/** The licences of the packages of which something is in a bundle: each text once, under the packages that it is for. */
export const licencesOf = (root: string, { outputs }: Metafile): string => {
  const folders = new Set(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs).flatMap(packageOf)))
  const packages = [...folders].sort().map((folder) => {
    const { license, name, version } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), "utf8").trim()
    return { name: `${name} ${version}`, text }
  })
  return [...Map.groupBy(packages, ({ text }) => text)]
    .map(([text, alike]) => `${alike.map(({ name }) => name).join("\n")}\n\n${text}\n`)
    .join(`\n${"-".repeat(80)}\n\n`)
}

/** The folder of the package that a source file is in. */
const packageOf = (path: string): ReadonlyArray<string> => {
  const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)
  return found === null ? [] : [found[0]]
}
