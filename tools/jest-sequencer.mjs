// What takes longest begins first, so that no processor is idle at the end. Jest knows from its cache how long each file took;
// on a fresh clone it goes by the size of files, and the conformance suites of the drivers, which take longest, are the shortest.
import { relative } from 'node:path';
// Comes with Jest, in the same version.
import Sequencer from '@jest/test-sequencer';
import { specOrder } from './spec-order.mjs';

const TestSequencer = Sequencer.default ?? Sequencer;

const orderOf = ({ path, context }) =>
  specOrder(relative(context.config.rootDir, path).replaceAll('\\', '/'));

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    // oxlint-disable-next-line no-array-sort -- reason: the sequencer's method, and no array's.
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((one, other) => orderOf(one) - orderOf(other));
  }
}
