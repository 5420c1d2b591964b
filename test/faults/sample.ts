/** Numbers from 0 to below 1 that follow from a seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many of a list, picked by a seed, in the list's own order. */
export function sampleOf<T>(all: readonly T[], size: number, seed: number): readonly T[] {
  const random = randomOf(seed);
  const ranked = all.map((item, index) => ({ item, index, rank: random() }));
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, size);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}
