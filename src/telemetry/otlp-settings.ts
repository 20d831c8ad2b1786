/** What the environment says of where traces go. */
export type OtlpSettings =
  | { readonly _tag: "Off" }
  /** It is understood and not possible here. */
  | { readonly _tag: "Impossible"; readonly reason: string }
  | {
      readonly _tag: "On"
      readonly encoding: "json" | "protobuf"
      /** Without a password, for messages. */
      readonly endpoint: string
    }

/**
 * Reads OpenTelemetry's standard variables as far as they decide whether anything is sent and how; where to, with which headers and
 * the like the exporter reads from them itself. An empty value is an absent one.
 * Source: OpenTelemetry specification, "Environment Variable Specification" and "OpenTelemetry Protocol Exporter".
 */
export const otlpSettings = (env: NodeJS.ProcessEnv): OtlpSettings => {
  const value = (...names: ReadonlyArray<string>): string | undefined =>
    names.map((name) => env[name]?.trim()).find((text) => text !== undefined && text !== "")
  const configured = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
  const exporters = (value("OTEL_TRACES_EXPORTER") ?? "otlp").split(",").map((name) => name.trim())
  const disabled = value("OTEL_SDK_DISABLED")?.toLowerCase() === "true"
  if (configured === undefined || disabled || !exporters.includes("otlp")) return { _tag: "Off" }
  const endpoint = configured.replace(/\/\/[^/]*@/, "//")
  if (!/^https?:$/.test(URL.parse(configured)?.protocol ?? "")) {
    return { _tag: "Impossible", reason: `the OTLP endpoint ${endpoint} is no http or https URL` }
  }
  const protocol = value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf"
  if (protocol === "http/json") return { _tag: "On", encoding: "json", endpoint }
  if (protocol === "http/protobuf") return { _tag: "On", encoding: "protobuf", endpoint }
  return {
    _tag: "Impossible",
    reason: `the OTLP protocol ${protocol} is not supported: use http/protobuf or http/json`
  }
}
