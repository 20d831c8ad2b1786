import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"

/** What a collector was sent. */
interface OtlpRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** An HTTP server that takes OTLP in either encoding, as a collector does, and keeps it. `url` has no path. */
export const otlpCollector = async () => {
  const requests: Array<OtlpRequest> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => {
      const { headers, url = "" } = request
      requests.push({ url, headers, body: Buffer.concat(chunks) })
      response.writeHead(200, { "content-type": headers["content-type"] ?? "" })
      response.end(headers["content-type"] === "application/json" ? "{}" : "") // an empty message
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  // a server that listens on a port has an AddressInfo
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, close: () => void server.close() }
}

export type OtlpCollector = Awaited<ReturnType<typeof otlpCollector>>
