/**
 * Sorts the rotations of a text (the Burrows-Wheeler transform needs their order), by doubling the length on which they
 * are compared. Time grows as n log n also for repetitive text.
 *
 * @returns the start of each rotation, in order
 */
export function sortRotations(text: Uint8Array): Int32Array {
  const size = text.length;
  let order: Int32Array = new Int32Array(size);
  let shifted: Int32Array = new Int32Array(size);
  /** Rotations that are equal so far have the same rank. */
  let ranks: Int32Array = new Int32Array(size);
  let nextRanks: Int32Array = new Int32Array(size);
  const starts = new Int32Array(Math.max(size, 256) + 1);

  for (const byte of text) starts[byte + 1]!++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte] as number;
  for (let i = 0; i < size; i++) order[starts[text[i] as number]!++] = i;
  let rankCount = 0;
  for (let i = 0; i < size; i++) {
    if (i > 0 && text[order[i] as number] !== text[order[i - 1] as number]) rankCount++;
    ranks[order[i] as number] = rankCount;
  }
  rankCount++;

  for (let compared = 1; compared < size && rankCount < size; compared *= 2) {
    // By their second half they are in order already; a stable counting sort by the first half does the rest.
    for (let i = 0; i < size; i++) {
      const start = (order[i] as number) - compared;
      shifted[i] = start < 0 ? start + size : start;
    }
    starts.fill(0, 0, rankCount + 1);
    for (let i = 0; i < size; i++) starts[(ranks[i] as number) + 1]!++;
    for (let rank = 0; rank < rankCount; rank++) starts[rank + 1]! += starts[rank] as number;
    for (let i = 0; i < size; i++) {
      const start = shifted[i] as number;
      order[starts[ranks[start] as number]!++] = start;
    }
    rankCount = 0;
    nextRanks[order[0] as number] = 0;
    for (let i = 1; i < size; i++) {
      const one = order[i] as number;
      const other = order[i - 1] as number;
      const isEqual =
        ranks[one] === ranks[other] && ranks[(one + compared) % size] === ranks[(other + compared) % size];
      if (!isEqual) rankCount++;
      nextRanks[one] = rankCount;
    }
    rankCount++;
    [ranks, nextRanks] = [nextRanks, ranks];
  }
  return order;
}
