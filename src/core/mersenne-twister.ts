/** Words of state of MT19937, and the offset of its recurrence. */
const [n, m] = [624, 397];

/**
 * MT19937 (Matsumoto & Nishimura 1998), seeded as Python or as NumPy's `RandomState` seeds it. Only for splits that published
 * code has drawn with them and that must come out the same; whatever is drawn anew takes {@link seededRandom}.
 */
class MersenneTwister {
  readonly #state: Uint32Array;
  #at = n;

  constructor(state: Uint32Array) {
    this.#state = state;
  }

  bits(): number {
    if (this.#at === n) this.#turn();
    let y = this.#state[this.#at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #turn(): void {
    const s = this.#state;
    for (let i = 0; i < n; i++) {
      const y = (s[i] & 0x80000000) | (s[(i + 1) % n] & 0x7fffffff);
      s[i] = s[(i + m) % n] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}

function stateOfWord(seed: number): Uint32Array {
  const state = new Uint32Array(n);
  state[0] = seed;
  for (let i = 1; i < n; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  return state;
}

/** `init_by_array` of a key of one word. */
function stateOfKey(seed: number): Uint32Array {
  const state = stateOfWord(19650218);
  const mix = (i: number, factor: number): number => state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), factor);
  let i = 1;
  const next = (): void => {
    if (++i < n) return;
    state[0] = state[n - 1];
    i = 1;
  };
  for (let k = 0; k < n; k++, next()) state[i] = mix(i, 1664525) + seed;
  for (let k = 1; k < n; k++, next()) state[i] = mix(i, 1566083941) - i;
  state[0] = 0x80000000;
  return state;
}

/**
 * What `random.seed(seed); random.shuffle(items)` makes of a list in Python 3.2 and later.
 * @param seed a whole number from 0 below 2³²
 * @example pythonShuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 42) // [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]
 */
export function pythonShuffle<T>(items: readonly T[], seed: number): T[] {
  const twister = new MersenneTwister(stateOfKey(seed));
  return shuffled(items, (last) => {
    const unused = Math.clz32(last + 1);
    let j = twister.bits() >>> unused;
    while (j > last) j = twister.bits() >>> unused;
    return j;
  });
}

/**
 * What `numpy.random.RandomState(seed).permutation(items)` gives; scikit-learn's splits are made of it.
 * @param seed a whole number from 0 below 2³²
 */
export function numpyPermutation<T>(items: readonly T[], seed: number): T[] {
  const twister = new MersenneTwister(stateOfWord(seed));
  return shuffled(items, (last) => {
    const mask = 0xffffffff >>> Math.clz32(last);
    let j = (twister.bits() & mask) >>> 0;
    while (j > last) j = (twister.bits() & mask) >>> 0;
    return j;
  });
}

/** Fisher–Yates from the end; `draw(last)` is a whole number from 0 to `last`. */
function shuffled<T>(items: readonly T[], draw: (last: number) => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw(i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
