import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

/** A web server of a folder's files on a port of its own, which gives out ranges and counts the bytes of bodies. */
export const rangeServer = async (folder: string) => {
  let sent = 0
  const server = createServer((request, response) => {
    const file = readFileSync(join(folder, decodeURIComponent(request.url ?? "")))
    const ranges = rangesOf(request.headers.range).map(([first, last]) => {
      const bytes = file.subarray(first, last + 1)
      return { bytes, place: `bytes ${first}-${first + bytes.length - 1}/${file.length}` }
    })
    const [one] = ranges
    const body = one === undefined ? file : ranges.length === 1 ? one.bytes : multipart(ranges)
    if (one === undefined) response.setHeader("accept-ranges", "bytes")
    else if (ranges.length === 1) response.setHeader("content-range", one.place)
    else response.setHeader("content-type", `multipart/byteranges; boundary=${boundary}`)
    sent += body.length
    response.writeHead(one === undefined ? 200 : 206, { "content-length": body.length }).end(body)
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const { port } = server.address() as AddressInfo // it listens on a port, so the address is of this kind
  return {
    url: (name: string): string => `http://127.0.0.1:${port}/${encodeURIComponent(name)}`,
    /** Bytes sent since the last call. */
    takeSent: (): number => {
      const since = sent
      sent = 0
      return since
    },
    close: (): Promise<void> => new Promise((closed) => server.close(() => closed()))
  }
}

/** First and last byte of each; none where all is asked for. */
const rangesOf = (header = ""): ReadonlyArray<readonly [first: number, last: number]> =>
  [...header.matchAll(/(\d+)-(\d+)/g)].map(([, first, last]) => [Number(first), Number(last)])

const boundary = "between-two-ranges"

const multipart = (ranges: ReadonlyArray<{ readonly bytes: Uint8Array; readonly place: string }>): Buffer =>
  Buffer.concat([
    ...ranges.flatMap(({ bytes, place }) => [
      Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: ${place}\r\n\r\n`),
      bytes
    ]),
    Buffer.from(`\r\n--${boundary}--\r\n`)
  ])
