import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { engineKit } from "../kit/engine-kit.ts"
import { Text, toy } from "./toy.ts"

const script = fileURLToPath(new URL("./toy-process.ts", import.meta.url))
const run = promisify(execFile)

it("eight processes that make a store at the same moment, and count in it, all come to the right end", async () => {
  const kit = engineKit()
  const texts = Array.from({ length: 60 }, (_, i) => ({
    name: `file${i}`,
    text: kit.give(Text, "word ".repeat(i + 1))
  }))
  const { report, total } = await kit.want(toy().CountLibrary, { title: "shelf", files: texts })
  const directory = mkdtempSync(join(tmpdir(), "distgraph-processes-"))
  const outputs = await Promise.all(
    Array.from({ length: 8 }, () =>
      run(process.execPath, ["--disable-warning=ExperimentalWarning", script, directory, "60"])
    )
  )
  expect(outputs.map(({ stderr, stdout }) => stderr + stdout)).toEqual(Array(8).fill(`${total} ${report}\n`))
  rmSync(directory, { recursive: true })
}, 60_000)
