/**
 * Gives some of the words of a text (in bytes; words are of four ASCII letters or more) other letters, always the same ones for the
 * same key and word. Clones with the same texts side by side would compress three times as well as the packages of a distribution,
 * which are alike but not the same. Lengths stay.
 */
export const withOtherWords = (text: Buffer, key: string, share: number): Buffer => {
  const start = hashOf(key, offsetBasis)
  const threshold = share * 2 ** 32
  return Buffer.from(
    text.toString("latin1").replaceAll(/[A-Za-z]{4,}/g, (word) => {
      const hash = hashOf(word, start)
      return scrambled(hash) < threshold ? madeUp(hash, word.length) : word
    }),
    "latin1"
  )
}

const consonants = "bcdfghjklmnprstvwz"
const vowels = "aeiou"

/** A word that can be spoken, so that it has about as much in it as a real one. */
const madeUp = (hash: number, length: number): string => {
  let state = hash
  let word = ""
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const letters = index % 2 === 0 ? consonants : vowels
    word += letters[(state >>> 16) % letters.length]
  }
  return word
}

/** FNV-1a. */
const hashOf = (text: string, start: number): number => {
  let hash = start
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619)
  return hash >>> 0
}

const offsetBasis = 2_166_136_261

/** FNV's high bits hardly change with the last letters. */
const scrambled = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 2_246_822_519) >>> 0
