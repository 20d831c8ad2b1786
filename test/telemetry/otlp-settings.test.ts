import { describe, expect, it } from "vitest"
import { otlpSettings } from "../../src/telemetry/otlp-settings.ts"

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }

describe("where traces go", () => {
  it("is nowhere without an endpoint, and where OpenTelemetry is switched off", () => {
    const off = { _tag: "Off" }
    expect(otlpSettings({})).toEqual(off)
    expect(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "" })).toEqual(off)
    expect(otlpSettings({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://collector:4318" })).toEqual(off)
    expect(otlpSettings({ ...endpoint, OTEL_SDK_DISABLED: "TRUE" })).toEqual(off)
    expect(otlpSettings({ ...endpoint, OTEL_TRACES_EXPORTER: "none" })).toEqual(off)
    expect(otlpSettings({ ...endpoint, OTEL_TRACES_EXPORTER: "console" })).toEqual(off)
  })

  it("is the endpoint for traces, or else that for all signals", () => {
    expect(otlpSettings(endpoint)).toMatchObject({ _tag: "On", endpoint: "http://collector:4318" })
    expect(otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces/v1" })).toMatchObject({
      endpoint: "https://traces/v1"
    })
    expect(otlpSettings({ ...endpoint, OTEL_SDK_DISABLED: "false", OTEL_TRACES_EXPORTER: "console, otlp" })._tag).toBe(
      "On"
    )
  })

  it("is told in the encoding that is asked for, which is protobuf where none is", () => {
    expect(otlpSettings(endpoint)).toMatchObject({ encoding: "protobuf" })
    expect(otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" })).toMatchObject({ encoding: "json" })
    const both = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }
    expect(otlpSettings({ ...endpoint, ...both })).toMatchObject({ encoding: "json" })
  })

  it("is refused where it cannot be done, with what to do", () => {
    expect(otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toEqual({
      _tag: "Impossible",
      reason: "the OTLP protocol grpc is not supported: use http/protobuf or http/json"
    })
    expect(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" })).toEqual({
      _tag: "Impossible",
      reason: "the OTLP endpoint collector:4318 is no http or https URL"
    })
  })

  it("is named without a password", () => {
    const secret = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:secret@collector/otlp" }
    expect(otlpSettings(secret)).toMatchObject({ endpoint: "https://collector/otlp" })
  })
})
