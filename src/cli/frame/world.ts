/** Where a command line's words come from and its answers go. */
export interface World {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Data for programs and people: the report of a command. */
  readonly stdout: (text: string) => void
  /** Talk: progress, warnings, errors. */
  readonly stderr: (text: string) => void
  /** How wide the terminal at the end of stderr is; null where there is none. */
  readonly columns: number | null
  /** How wide a line on stdout may be. */
  readonly width: number
}

/** This process. A reader may go away (`| head`): what it no longer reads is dropped, and the command ends as it would have. */
export const processWorld = (): World => ({
  env: process.env,
  cwd: process.cwd(),
  stdout: writer(process.stdout),
  stderr: writer(process.stderr),
  columns: process.stderr.isTTY ? process.stderr.columns : null,
  width: process.stdout.isTTY ? process.stdout.columns : widthOfFiles
})

/** Nothing is cut that a person would still read. */
const widthOfFiles = 160

const writer = (stream: NodeJS.WriteStream): ((text: string) => void) => {
  let closed = false
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    closed = true
  })
  return (text) => {
    if (!closed && text !== "") stream.write(text)
  }
}
