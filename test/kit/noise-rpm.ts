import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * Builds with rpmbuild, in a folder, `NAME-VERSION-1.noarch.rpm` (the name is noise unless told) with files of 64 KiB that no compression makes smaller, one for each of these
 * words, and gives its path. Packages with other words have no byte of their files in common.
 */
export const noiseRpm = (folder: string, version: string, words: ReadonlyArray<string>, name = "noise"): string => {
  const sources = join(folder, "noise-sources")
  mkdirSync(sources, { recursive: true })
  for (const word of words) writeFileSync(join(sources, word), noise(word))
  const spec = join(folder, "noise.spec")
  writeFileSync(
    spec,
    `Name: ${name}
Version: ${version}
Release: 1
Summary: Noise
License: MIT
BuildArch: noarch
%description
Noise.
%install
mkdir -p %{buildroot}/opt/noise
cp ${words.map((word) => join(sources, word)).join(" ")} %{buildroot}/opt/noise
%files
/opt/noise
`
  )
  const define = (...macros: ReadonlyArray<string>) => macros.flatMap((macro) => ["--define", macro])
  execFileSync(
    "rpmbuild",
    [
      "-bb",
      "--quiet",
      "--nodeps",
      ...define(`_topdir ${folder}/build`, `_rpmdir ${folder}`, "__os_install_post %{nil}"),
      spec
    ],
    { stdio: "ignore" }
  )
  return join(folder, "noarch", `${name}-${version}-1.noarch.rpm`)
}

const noise = (word: string): Buffer =>
  Buffer.concat(Array.from({ length: 1024 }, (_, at) => createHash("sha512").update(`${word} ${at}`).digest()))
