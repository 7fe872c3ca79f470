/**
 * Lengths of a Huffman code. Where the code would get too long, the counts are made more alike until it fits; every
 * symbol gets a code.
 *
 * @param counts how often each symbol occurs; at least two symbols
 */
export function huffmanLengths(counts: Uint32Array, maxLength: number): Uint8Array {
  let weights = Array.from(counts, (count) => Math.max(count, 1));
  for (;;) {
    const lengths = lengthsOf(weights);
    if (lengths.every((length) => length <= maxLength)) return lengths;
    weights = weights.map((weight) => 1 + (weight >> 1));
  }
}

function lengthsOf(weights: readonly number[]): Uint8Array {
  const size = weights.length;
  const leaves = Array.from(weights.keys()).toSorted(
    (a, b) => (weights[a] as number) - (weights[b] as number),
  );
  /** Leaves keep their number, inner nodes follow in the order in which they are made, so both are sorted by weight. */
  const nodeWeights = [...weights];
  const parents = new Uint16Array(2 * size - 1);
  let leaf = 0;
  let inner = size;
  const lightest = (): number => {
    const leafWeight = leaf < size ? (weights[leaves[leaf] as number] as number) : Number.POSITIVE_INFINITY;
    const innerWeight = nodeWeights[inner] ?? Number.POSITIVE_INFINITY;
    return leafWeight <= innerWeight ? (leaves[leaf++] as number) : inner++;
  };
  for (let node = size; node < 2 * size - 1; node++) {
    const first = lightest();
    const second = lightest();
    parents[first] = node;
    parents[second] = node;
    nodeWeights.push((nodeWeights[first] as number) + (nodeWeights[second] as number));
  }
  const depths = new Uint16Array(2 * size - 1);
  for (let node = 2 * size - 3; node >= 0; node--)
    depths[node] = (depths[parents[node] as number] as number) + 1;
  return Uint8Array.from(depths.subarray(0, size));
}
