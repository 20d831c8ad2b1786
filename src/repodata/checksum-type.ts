/** The checksums that repository metadata may use, by the names it has for them. `sha` is the old name of SHA-1. */
export const checksumTypes = ["sha256", "sha224", "sha384", "sha512", "sha1", "sha", "md5"] as const
export type ChecksumType = (typeof checksumTypes)[number]

/** The name by which OpenSSL, and so Node, knows it. */
export const hashAlgorithm = (type: ChecksumType): string => (type === "sha" ? "sha1" : type)
