import { readFileSync } from "node:fs"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import {
  isMultilibFile,
  type MultilibFacts,
  multilibPartner,
  multilibReason,
  parseMultilibConfig
} from "../../src/koji/multilib.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const config = Either.getOrThrow(
  parseMultilibConfig(`
# names, one a line or several
[runtime]
white = wine
    perl-libs
black: httpd

[devel]
white =
black = php-devel java-devel
[multilib]
packages = glibc
`)
)

const facts = (over: Partial<MultilibFacts>): MultilibFacts => ({
  name: "some",
  arch: "x86_64",
  files: [],
  provides: [],
  ...over
})
const reason = (over: Partial<MultilibFacts>) => multilibReason(facts(over), config)

describe("a multilib configuration", () => {
  it("has lists of names, parted by white space and lines", () => {
    expect([...config.runtime.white]).toEqual(["wine", "perl-libs"])
    expect([...config.runtime.black]).toEqual(["httpd"])
    expect([...config.devel.white]).toEqual([])
    expect([...config.devel.black]).toEqual(["php-devel", "java-devel"])
  })

  it.each([
    ["[runtime]\nwhite =\nblack =\n[devel]\nwhite =\n", 'the section [devel] has no list "black"'],
    ["white = a\n", "line 1 is neither a section nor a list"],
    ["", 'the section [runtime] has no list "white"']
  ])("is refused where it is none: %j", (text, problem) => {
    expect(Either.getOrElse(parseMultilibConfig(text), ({ reason }) => reason)).toBe(problem)
  })

  describeWithShared("oracle")("of a real Koji", () => {
    it("is read", () => {
      const text = readFileSync(sharedPath("oracle", "inputs", "multilib.conf"), "utf8")
      const { devel, runtime } = Either.getOrThrow(parseMultilibConfig(text))
      expect([runtime.white.size, runtime.black.size, devel.white.size, devel.black.size]).toEqual([12, 3, 0, 10])
    })
  })
})

describe("a 32-bit counterpart", () => {
  it("is for the arches that have one", () => {
    expect(["x86_64", "s390x", "ppc64", "aarch64", "sparc64", "i386"].map(multilibPartner)).toEqual([
      "i686",
      "s390",
      "ppc",
      undefined,
      undefined,
      undefined
    ])
  })

  it("is wanted for libraries, what is built with, tools and what the lists name; the lists come first", () => {
    expect(reason({})).toBeNull()
    expect(reason({ name: "zlib-devel" })).toBe("it is a package to build with")
    expect(reason({ name: "zlib-static" })).toBe("it is a package to build with")
    expect(reason({ name: "php-devel", files: ["/usr/lib64/libphp.so.5"] })).toBeNull()
    expect(reason({ name: "wine" })).toBe("it is on the white list of runtime")
    expect(reason({ name: "httpd", files: ["/usr/lib64/libhttpd.so.1"] })).toBeNull()
    expect(reason({ name: "gdb" })).toBe("it works on 32-bit programs")
    expect(reason({ name: "gdb", arch: "noarch" })).toBeNull()
    expect(reason({ name: "ghc-base-devel" })).toBeNull()
    expect(reason({ files: ["/usr/bin/x", "/usr/lib64/libz.so.1.2"] })).toBe("it has /usr/lib64/libz.so.1.2")
  })

  it("of kernels depends on what they provide", () => {
    expect(reason({ name: "kernel", provides: ["kernel"] })).toBe("it works on 32-bit programs")
    expect(reason({ name: "kernel", arch: "s390x", provides: ["kernel"] })).toBeNull()
    expect(reason({ name: "kernel-devel", arch: "s390x", provides: ["kernel-devel"] })).toBeNull()
    expect(reason({ name: "kernel-headers", arch: "s390x", provides: ["glibc-kernheaders-devel"] })).toBe(
      "it provides glibc-kernheaders-devel"
    )
  })

  it.each([
    "/lib64/libc.so.6",
    "/usr/lib/libz.so.1",
    "/lib64/libnss_files-2.34.so",
    "/lib/libdb-5.3.so",
    "/lib64/security/pam_unix.so",
    "/etc/ld.so.conf.d/x.conf",
    "/etc/lsb-release.d/core",
    "/usr/lib64/alsa-lib/x.so",
    "/usr/lib64/gtk-2.0/modules/m.so",
    "/usr/lib64/gtk-2.0/2.10.0/engines/e.so",
    "/usr/lib64/gstreamer-1.0/g.so",
    "/usr/lib64/qt4/plugins/imageformats/q.so",
    "/usr/lib64/qt5/qml/QtQuick/q.so",
    "/usr/lib64/gdk-pixbuf-2.0/2.10.0/loaders/l.so",
    "/usr/lib64/wine/x.so",
    "/usr/lib64/sane/libsane-epson.so.1",
    "/usr/lib64/krb5/plugins/p"
  ])("is wanted because of %s", (path) => expect(isMultilibFile(path)).toBe(true))

  it.each([
    "/usr/lib64/libz.so",
    "/usr/lib64/pkgconfig/x.so.1",
    "/usr/lib64/gtk-2.0/x.so",
    "/usr/lib64/gtk-2.0/other/x.so.1",
    "/etc/ld.so.conf.d/x",
    "/usr/lib64/sane/x",
    "/opt/lib64/libz.so.1",
    "/usr/bin/libz.so.1"
  ])("is not wanted because of %s", (path) => expect(isMultilibFile(path)).toBe(false))
})
