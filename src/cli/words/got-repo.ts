/** Koji's two lines about an internal repo; the second says where it is. */
export const gotRepo = ({ id, path }: { readonly id: number; readonly path: string }): ReadonlyArray<string> => [
  `Got repo ${id}`,
  `Repo info: ${path}`
]
