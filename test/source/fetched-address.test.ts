import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { pathToFileURL } from "node:url"
import { Effect, Either } from "effect"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { fetchedAddress } from "../../src/source/fetched-address.ts"

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const file = Buffer.from("the file".repeat(1000))

/** What the server does, request by request; the last answer is given from there on. */
let answers: ReadonlyArray<Answer> = []
let asked = 0
const server = createServer((request, response) => {
  const answer = answers[Math.min(asked, answers.length - 1)]
  asked += 1
  answer?.(request, response)
})
beforeAll(() => new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening)))
afterAll(() => void server.close())
beforeEach(() => {
  asked = 0
})

const whole: Answer = (_, response) => response.end(file)
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end("an error page")
const reset: Answer = (request) => request.socket.destroy()
const cut: Answer = (_, response) => {
  response.writeHead(200, { "content-length": file.length })
  response.write(file.subarray(0, 100), () => response.destroy())
}

const fetching = async (limit = file.length) => {
  const { port } = server.address() as AddressInfo // it listens on a port
  const fetched = await Effect.runPromise(Effect.either(fetchedAddress(`http://127.0.0.1:${port}/file`, limit)))
  return Either.map(fetched, (bytes) => Buffer.from(bytes).equals(file))
}

describe("a file that is fetched", () => {
  it.each([
    ["answers 503", status(503)],
    ["answers 500", status(500)],
    ["answers 429", status(429)],
    ["hangs up", reset],
    ["hangs up in the middle of the file", cut]
  ])("is asked for again from a server that %s twice", async (_, failure) => {
    answers = [failure, failure, whole]
    expect([await fetching(), asked]).toEqual([Either.right(true), 3])
  })

  it("is given up after four tries, with the last reason", async () => {
    answers = [reset, status(502)]
    expect([await fetching(), asked]).toEqual([Either.left("the server answers 502, after 4 tries"), 4])
  })

  it.each([404, 403, 410, 400])("is asked for once where the server answers %i", async (code) => {
    answers = [status(code), whole]
    expect([await fetching(), asked]).toEqual([Either.left(`the server answers ${code}`), 1])
  })

  it("is asked for once where it is too large", async () => {
    answers = [whole]
    const reason = `it has more than the ${file.length - 1} bytes that it may have`
    expect([await fetching(file.length - 1), asked]).toEqual([Either.left(reason), 1])
  })

  it("comes from this machine, or is not there, at once", async () => {
    const here = pathToFileURL(import.meta.filename).href
    expect((await Effect.runPromise(fetchedAddress(here, 1e6))).length).toBeGreaterThan(1000)
    const since = performance.now()
    expect(await Effect.runPromise(Effect.flip(fetchedAddress(`${here}.no`, 1)))).toContain("ENOENT")
    expect(performance.now() - since).toBeLessThan(200)
    expect(await Effect.runPromise(Effect.flip(fetchedAddress("ftp://127.0.0.1/", 1)))).toContain("only http, https")
  })
})
