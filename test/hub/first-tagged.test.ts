import { Effect, TestClock, TestContext } from "effect"
import { expect, it } from "vitest"
import { fixture } from "../kit/fixtures.ts"
import { inNewHub } from "../kit/hub.ts"

const hello = "hello-1.0-1.x86_64"
const weather = "weather-2.0~rc1-1.x86_64"

it("tells when the first of some rpms came into a tag or its parents, by a tagging or by an import into a build that was there", () =>
  inNewHub((hub) =>
    Effect.gen(function* () {
      const at = (minute: number) => TestClock.setTime(minute * 60_000)
      const first = (tag: string, inherit: boolean, ...nvras: ReadonlyArray<string>) =>
        Effect.map(hub.firstTagged(tag, inherit, nvras), (time) => (time === null ? null : time / 60_000))
      yield* hub.importRpms([
        fixture("unsigned", "hello-1.0-1.src.rpm"),
        fixture("unsigned", `${hello}.rpm`),
        fixture("unsigned", `${weather}.rpm`)
      ])
      yield* hub.addTag("parent")
      yield* hub.addTag("child")
      yield* hub.addTagInheritance("child", "parent")
      yield* hub.addPackages("parent", ["hello", "weather"])
      yield* at(10)
      yield* hub.tagBuild("parent", ["hello-1.0-1"])
      yield* at(20)
      yield* hub.tagBuild("child", ["weather-2.0~rc1-1"])
      expect(yield* first("child", true, hello, weather)).toBe(10)
      expect(yield* first("child", false, hello, weather)).toBe(20)
      expect(yield* first("child", true, weather)).toBe(20)
      expect(yield* first("child", false, hello)).toBe(null)
      expect(yield* first("child", true, "nosuch-1-1.noarch", "no name")).toBe(null)

      yield* at(30)
      yield* hub.importRpms([fixture("unsigned", "hello-1.0-1.aarch64.rpm")])
      expect(yield* first("parent", false, "hello-1.0-1.aarch64")).toBe(30)

      yield* at(40)
      yield* hub.untagBuild("parent", ["hello-1.0-1"])
      expect(yield* first("parent", false, hello)).toBe(null)
      yield* hub.tagBuild("parent", ["hello-1.0-1"])
      expect(yield* first("parent", false, hello)).toBe(40)
    }).pipe(Effect.provide(TestContext.TestContext))
  ))
