import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { givenReader } from "../../rules/given-reader.ts"
import { engineKit } from "../kit/engine-kit.ts"

/** Reads a file of numbers, a line each. */
const { Read, ReadFile } = givenReader("numbers", (bytes) => {
  const lines = Buffer.from(bytes).toString().split("\n").slice(0, -1)
  const wrong = lines.findIndex((line) => !/^\d+$/.test(line))
  return wrong === -1 ? Either.right(lines.map(Number)) : Either.left({ message: `line ${wrong + 1} is no number` })
})

type Kit = ReturnType<typeof engineKit>

const given = (kit: Kit, text: string) => ({ name: "given.txt", content: kit.give(Bytes, Buffer.from(text)) })

describe("the reader of a given file", () => {
  it("keeps what the file holds, under the file's name, and reads it once", async () => {
    const kit = engineKit()
    expect(kit.read(Read, await kit.want(ReadFile, given(kit, "1\n20\n")))).toEqual([1, 20])
    await kit.want(ReadFile, given(kit, "1\n20\n"))
    expect(kit.ran()).toEqual(["numbers given.txt"])
  })

  it("fails with the file's name and the words of its parser", async () => {
    const kit = engineKit()
    const { failures } = await kit.failure(ReadFile, given(kit, "1\nx\n"))
    expect(failures.map(({ error }) => error.message)).toEqual(["given.txt cannot be used: line 2 is no number"])
  })
})
