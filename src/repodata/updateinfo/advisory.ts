/** An advisory of updateinfo.xml: an `update` element. What is not told is null. */
export interface Advisory {
  readonly from: string | null
  readonly status: string | null
  /** `security`, `bugfix`, `enhancement`, `newpackage` … */
  readonly type: string | null
  readonly version: string | null
  readonly id: string
  readonly title: string | null
  /** As it stands: `YYYY-MM-DD HH:MM:SS`, or anything else. */
  readonly issued: string | null
  readonly updated: string | null
  readonly rights: string | null
  readonly release: string | null
  readonly pushcount: string | null
  readonly severity: string | null
  readonly summary: string | null
  readonly description: string | null
  readonly solution: string | null
  readonly rebootSuggested: boolean
  readonly references: ReadonlyArray<AdvisoryReference>
  readonly collections: ReadonlyArray<AdvisoryCollection>
}

interface AdvisoryReference {
  readonly href: string | null
  readonly id: string | null
  readonly type: string | null
  readonly title: string | null
}

export interface AdvisoryCollection {
  readonly short: string | null
  readonly name: string | null
  readonly module: AdvisoryModule | null
  readonly packages: ReadonlyArray<AdvisoryPackage>
}

export interface AdvisoryModule {
  readonly name: string | null
  readonly stream: string | null
  /** Decimal digits of an unsigned integer of 64 bits. */
  readonly version: string
  readonly context: string | null
  readonly arch: string | null
}

export interface AdvisoryPackage {
  readonly name: string | null
  readonly version: string | null
  readonly release: string | null
  readonly epoch: string | null
  readonly arch: string | null
  readonly src: string | null
  readonly filename: string | null
  readonly sum: { readonly type: string; readonly value: string } | null
  readonly rebootSuggested: boolean
  readonly restartSuggested: boolean
  readonly reloginSuggested: boolean
}
