/** That a dist repo was published, and where; said of `latest` where it leads elsewhere. */
export const publishedRepo = ({
  id,
  latest,
  path
}: {
  readonly id: number
  readonly latest: number | null
  readonly path: string
}): string => {
  const stays = latest === id ? "" : ` (latest stays repo ${latest}, whose content is of a newer event)`
  return `repo ${id}: ${path}${stays}`
}
