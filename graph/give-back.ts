import { isMarkedAsUntransferable } from "node:worker_threads"

/**
 * Gives back the memory of bytes that are not needed any more, at once. The garbage collector does not, for it goes by the size of
 * objects, of which these are small: each thread would let some 64 MiB of them gather. Only for bytes that have their memory to
 * themselves (those in the pool that Node shares among short ones stay); whoever has them finds them empty.
 */
export const giveBack = ({ buffer }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)) buffer.transfer(0)
}
