import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { basename, join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { fixtureKeys } from "../../kit/fixtures.ts"
import { type OtlpCollector, otlpCollector } from "../../kit/otlp-collector.ts"
import { runCli } from "../run-cli.ts"

let rig: ExportRig
let collector: OtlpCollector
beforeAll(async () => {
  rig = await exportRig()
  collector = await otlpCollector()
})
beforeEach(() => {
  collector.requests.length = 0
})
afterAll(() => {
  collector.close()
  rig.close()
})

const distRepo = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) =>
  runCli(["dist-repo", "demo", ...args], {
    env: { DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: rig.store, ...env }
  })

const exported = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) =>
  distRepo(env, fixtureKeys.a, "--force", ...args)

describe("--profile-run", () => {
  const profile = () => join(rig.folder, "profile.json")
  const names = (ph: string): ReadonlyArray<string> =>
    JSON.parse(readFileSync(profile(), "utf8")).flatMap((event: { ph: string; name: string }) =>
      event.ph === ph ? [event.name] : []
    )

  it("writes a Chrome trace of phases, nodes and hits", async () => {
    const { code, stderr } = await exported({}, "--explain", "--profile-run", profile())
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Creating dist repo for tag demo\n" })
    expect(names("X")).toEqual(
      expect.arrayContaining(["start-up", "snapshot", "evaluate", "publish", "wait", "write", "finish", "explain"])
    )
    expect(names("X")).toEqual(expect.arrayContaining(["dist-repo", "package-metadata", "repomd"]))
    await exported({}, "--profile-run", profile())
    expect(names("C")).toContain("hits dist-repo")
  })

  it("writes it of an export that fails too", async () => {
    const { code } = await distRepo({}, "deadbeef", "--profile-run", profile())
    expect(code).toBe(1)
    const failed = JSON.parse(readFileSync(profile(), "utf8")).filter(
      (event: { args?: { failed?: boolean } }) => event.args?.failed === true
    )
    expect(failed.map((event: { name: string }) => event.name)).toContain("dist-repo")
  })

  it("fails before any work where it cannot be written, and is misused with --dry-run", async () => {
    const before = await rig.repoStates()
    const absent = join(rig.folder, "absent", "profile.json")
    const { code, stderr } = await exported({}, "--profile-run", absent)
    expect(code).toBe(1)
    expect(stderr).toBe(
      `distgraph: error: The profile ${absent} cannot be written: ENOENT: no such file or directory, open '${absent}'\n`
    )
    expect(await rig.repoStates()).toEqual(before)
    const unused = join(rig.folder, "unused.json")
    expect((await exported({}, "--dry-run", "--profile-run", unused)).code).toBe(2)
    expect(existsSync(unused)).toBe(false)
  })
})

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }>
  readonly status: { readonly code: number; readonly message?: string }
}

/** The spans of the only request, as OTLP's JSON encoding has them. Source: opentelemetry-proto, docs/specification. */
const received = () => {
  expect(collector.requests).toHaveLength(1)
  const [{ resource, scopeSpans }] = JSON.parse(String(collector.requests[0]?.body)).resourceSpans
  const spans: ReadonlyArray<OtlpSpan> = scopeSpans.flatMap((scope: { spans: ReadonlyArray<OtlpSpan> }) => scope.spans)
  const parentOf = ({ parentSpanId }: OtlpSpan) => spans.find(({ spanId }) => spanId === parentSpanId)
  return {
    attributes: attributesOf(resource),
    spans,
    /** A span by its name and those of the spans that it is within, from outside. */
    at: (...path: ReadonlyArray<string>): OtlpSpan | undefined =>
      spans.find((span) => {
        const names: Array<string> = []
        for (let up: OtlpSpan | undefined = span; up !== undefined; up = parentOf(up)) names.unshift(up.name)
        return names.join("/") === path.join("/")
      })
  }
}

const attributesOf = ({ attributes }: Pick<OtlpSpan, "attributes">) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const json = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" })

describe("telemetry", () => {
  it("is sent as spans of the export, its phases and its rules", async () => {
    const before = BigInt(Date.now()) * 1_000_000n
    const store = join(rig.folder, "store-of-telemetry")
    const { code, stderr, stdout } = await exported(json(), "--store", store, "--json")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Creating dist repo for tag demo\n" })
    const published = readdirSync(JSON.parse(stdout).repo.path, { recursive: true, encoding: "utf8" })
    const rpms = new Set(published.flatMap((path) => (path.endsWith(".rpm") ? [basename(path)] : [])))
    const { at, attributes, spans } = received()
    expect(collector.requests[0]).toMatchObject({ url: "/v1/traces", headers: { "content-type": "application/json" } })
    expect(attributes).toMatchObject({ "service.name": "distgraph", "service.version": expect.stringMatching(/^\d/) })
    const root = at("dist-repo")
    expect(root?.parentSpanId).toBe(undefined)
    expect(root && attributesOf(root)).toMatchObject({ "distgraph.tag": "demo" })
    expect(at("dist-repo", "publish", "write")).toBeDefined()
    const metadata = at("dist-repo", "evaluate", "package-metadata")
    expect(metadata && attributesOf(metadata)).toMatchObject({
      "distgraph.rule.kind": "action",
      "distgraph.nodes.ran": rpms.size,
      "distgraph.nodes.reused": 0,
      "distgraph.nodes.failed": 0
    })
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    const after = BigInt(Date.now() + 1) * 1_000_000n
    for (const { endTimeUnixNano, startTimeUnixNano } of spans) {
      expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(before)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano))
      expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(after)
    }
  })

  it("belongs to the trace that TRACEPARENT names, carries the headers and the names that are configured", async () => {
    await exported({
      ...json(),
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20token",
      OTEL_SERVICE_NAME: "exports",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    })
    const { attributes, spans } = received()
    expect(collector.requests[0]?.headers.authorization).toBe("Bearer token")
    expect(attributes).toMatchObject({ "service.name": "exports", "deployment.environment.name": "test" })
    expect(spans.find(({ name }) => name === "dist-repo")).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/)
    })
    expect(spans.filter(({ parentSpanId }) => parentSpanId === "b7ad6b7169203331").map(({ name }) => name)).toEqual([
      "dist-repo"
    ])
  })

  it("is sent of an export that fails too, with the failure", async () => {
    expect((await distRepo(json(), "deadbeef")).code).toBe(1)
    const error = 2 // STATUS_CODE_ERROR
    expect(received().at("dist-repo")?.status).toMatchObject({
      code: error,
      message: expect.stringContaining("not signed with deadbeef")
    })
  })

  it("is sent in protobuf where nothing else is asked for", async () => {
    const { stderr } = await exported({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/custom` })
    expect(stderr).not.toContain("warning")
    expect(collector.requests).toMatchObject([
      { url: "/custom", headers: { "content-type": "application/x-protobuf" } }
    ])
    expect(collector.requests[0]?.body.includes("evaluate")).toBe(true)
  })

  it("is not sent where OpenTelemetry is switched off, or the parent is not sampled", async () => {
    await exported({ ...json(), OTEL_SDK_DISABLED: "true" })
    await exported({ ...json(), TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" })
    expect(collector.requests).toEqual([])
  })

  it.each([
    ["refuses", "http://127.0.0.1:9/", "ECONNREFUSED"],
    ["cannot be found", "http://collector.invalid/", "collector.invalid"]
  ])("costs one warning and little time where the collector %s", async (_, url, reason) => {
    const started = performance.now()
    const { code, stderr } = await exported({ ...json(), OTEL_EXPORTER_OTLP_ENDPOINT: url })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(code).toBe(0)
    expect(stderr.match(/warning/g)).toHaveLength(1)
    expect(stderr).toContain(`distgraph: warning: the telemetry for ${url} had a problem: `)
    expect(stderr).toContain(reason)
  })

  it("waits no longer than it is told for a collector that does not answer", async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as AddressInfo // as above
    const url = `http://127.0.0.1:${port}/`
    const { code, stderr } = await exported({ ...json(), OTEL_EXPORTER_OTLP_ENDPOINT: url })
    expect(code).toBe(0)
    expect(stderr).toContain(`distgraph: warning: the telemetry for ${url} had a problem: Request timed out`)
    silent.closeAllConnections()
    silent.close()
  })

  it("says what it cannot do", async () => {
    const { code, stderr } = await exported({ ...json(), OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })
    expect(code).toBe(0)
    expect(stderr).toContain(
      "distgraph: warning: no telemetry is sent: the OTLP protocol grpc is not supported: use http/protobuf or http/json\n"
    )
  })
})
