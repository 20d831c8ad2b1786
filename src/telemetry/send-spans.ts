import {
  type Context,
  type DiagLogger,
  defaultTextMapGetter,
  diag,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace
} from "@opentelemetry/api"
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core"
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources"
import {
  BasicTracerProvider,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor
} from "@opentelemetry/sdk-trace-base"
import type { RunSpan } from "./run-spans.ts"

/**
 * Sends a run's spans to an OpenTelemetry collector over HTTP, as the standard environment variables say, below the span that
 * TRACEPARENT names if it does. Gives what went wrong, or null; never rejects, and takes no longer than the exporter's time-out.
 */
export const sendSpans = async (
  root: RunSpan,
  { encoding, version }: { readonly encoding: "json" | "protobuf"; readonly version: string }
): Promise<string | null> => {
  const complaints: Array<string> = []
  diag.setLogger(complaining(complaints), { suppressOverrideMessage: true })
  try {
    const spans = readableSpans(root, version)
    if (spans.length === 0) return complaints[0] ?? null // not sampled
    const exporter = await exporterFor(encoding, root)
    const { code, error } = await new Promise<{ code: ExportResultCode; error?: Error }>((resolve) =>
      exporter.export(spans, resolve)
    )
    await exporter.shutdown()
    if (code === ExportResultCode.SUCCESS) return complaints[0] ?? null
    return [error === undefined ? "no reason given" : messageOf(error), ...complaints].join("; ")
  } catch (error) {
    return messageOf(error)
  } finally {
    diag.disable()
  }
}

/** The spans as the SDK makes them: sampled, with ids, and what the environment says of the resource. */
const readableSpans = (root: RunSpan, version: string): Array<ReadableSpan> => {
  const spans: Array<ReadableSpan> = []
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "distgraph", "service.version": version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [collecting(spans)]
  })
  const tracer = provider.getTracer("distgraph", version)
  const make = (span: RunSpan, parent: Context): void => {
    const made = tracer.startSpan(
      span.name,
      { startTime: performance.timeOrigin + span.start, attributes: span.attributes },
      parent
    )
    if (span.error !== null) made.setStatus({ code: SpanStatusCode.ERROR, message: span.error })
    const within = trace.setSpan(parent, made)
    for (const child of span.children) make(child, within)
    made.end(performance.timeOrigin + span.end)
  }
  make(root, contextOf(process.env))
  return spans
}

/** Source: OpenTelemetry specification, "Environment Variables as Context Propagation Carriers". */
const contextOf = (env: NodeJS.ProcessEnv): Context =>
  new W3CTraceContextPropagator().extract(
    ROOT_CONTEXT,
    { traceparent: env["TRACEPARENT"], tracestate: env["TRACESTATE"] },
    defaultTextMapGetter
  )

const exporterFor = async (encoding: "json" | "protobuf", { end, start }: RunSpan): Promise<SpanExporter> => {
  const { OTLPTraceExporter } =
    encoding === "json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto")
  const configured = process.env["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"] || process.env["OTEL_EXPORTER_OTLP_TIMEOUT"]
  return new OTLPTraceExporter(configured ? {} : { timeoutMillis: patience(end - start) })
}

/**
 * How long a run of that many milliseconds may be held up: its user waits for the prompt. Ten seconds, the specification's default,
 * only for a long run; for a short one less than the exporter's pause before it tries again.
 */
const patience = (run: number): number => Math.min(10_000, Math.max(750, run / 20))

const collecting = (spans: Array<ReadableSpan>): SpanProcessor => ({
  onStart: () => {},
  onEnd: (span) => {
    spans.push(span)
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve()
})

const complaining = (complaints: Array<string>): DiagLogger => {
  const complain = (...words: ReadonlyArray<unknown>): void => {
    complaints.push(words.join(" "))
  }
  const ignore = (): void => {}
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore }
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // an error of several attempts to connect has no message of its own
  return error.message || ("code" in error ? String(error.code) : error.name)
}
