import type { Encoded, ResultStore, ResultWatch, StoredResult } from '@lovage/core';
import { altered, type Fault, without } from './fault.js';

type Changes = (results: ResultStore) => Partial<ResultStore>;

const results = (name: string, noticedBy: string, changes: Changes): Fault => ({
  name,
  noticedBy,
  break: (view) =>
    view.results === undefined ? view : { ...view, results: altered(view.results, changes(view.results)) },
});

const watches = (
  name: string,
  noticedBy: string,
  change: (watch: ResultWatch, real: ResultStore) => Partial<ResultWatch>,
): Fault =>
  results(name, noticedBy, (real) => ({
    watch: (params) => {
      const watch = real.watch(params);
      return altered(watch, change(watch, real));
    },
  }));

const inLatin1 = (encoded: Encoded): Encoded =>
  typeof encoded === 'string' ? Buffer.from(encoded, 'latin1') : encoded;

const final = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);
const table =
  'lets a record be replaced as long as it is not final; SUCCESS stays, FAILURE and REVOKED yield to final ones only';

/** Stores one by one, after forgetting what is there where `when` says so. */
const overwriting = (name: string, when: (present: StoredResult, next: StoredResult) => boolean): Fault =>
  results(name, table, (real) => ({
    put: async ({ results: all, deadline }) => {
      const outcomes = [];
      for (const next of all) {
        const taskIds = [next.taskId];
        const [present] = await real.get({ taskIds, deadline });
        if (present !== undefined && when(present, next)) await real.forget({ taskIds, deadline });
        outcomes.push(...(await real.put({ results: [next], deadline })));
      }
      return outcomes;
    },
  }));

export const resultStoreFaults: readonly Fault[] = [
  overwriting('overwrites SUCCESS', ({ state }) => state === 'SUCCESS'),
  overwriting(
    'overwrites a final state by an earlier one',
    (present, next) => present.state !== 'SUCCESS' && final.has(present.state) && !final.has(next.state),
  ),
  results('refuses a success after a failure', table, (real) => ({
    put: async ({ results: all, deadline }) => {
      const present = await real.get({ taskIds: all.map(({ taskId }) => taskId), deadline });
      const isRefused = (index: number): boolean =>
        present[index] !== undefined && final.has(present[index].state);
      const outcomes = await real.put({ results: all.filter((_, index) => !isRefused(index)), deadline });
      let next = 0;
      return all.map((_, index) =>
        isRefused(index) ? { kind: 'refused' } : (outcomes[next++] ?? { kind: 'stored' }),
      );
    },
  })),
  results(
    'says stored of what was refused',
    'takes the records of a batch one after the other and gives their outcomes in order',
    (real) => ({
      put: async (params) => (await real.put(params)).map(() => ({ kind: 'stored' })),
    }),
  ),
  results(
    'leaves gaps out when it gives many records',
    'gives many records in the order of the ids, undefined where nothing is stored',
    (real) => ({
      get: async (params) => (await real.get(params)).filter((one) => one !== undefined),
    }),
  ),
  results('takes documents for text', 'gives back what was stored, byte by byte', (real) => ({
    put: async (params) =>
      await real.put({
        ...params,
        results: params.results.map((one) => ({
          ...one,
          document: one.document.toString(),
        })),
      }),
  })),
  results('writes text in another encoding', 'gives back what was stored, byte by byte', (real) => ({
    put: async (params) =>
      await real.put({
        ...params,
        results: params.results.map((one) => ({ ...one, document: inLatin1(one.document) })),
      }),
  })),
  results(
    'copies records by spreading',
    'takes records whose documents are made when they are read',
    (real) => ({
      put: async (params) =>
        await real.put({ ...params, results: params.results.map((one) => ({ ...one })) }),
    }),
  ),
  results('keeps records for ever', 'lets a record go when its time is over, and no other', (real) => ({
    put: async (params) =>
      await real.put({ ...params, results: params.results.map((one) => without(one, 'ttlMs')) }),
  })),
  results(
    'deletes records that are to be kept',
    'lets a record go when its time is over, and no other',
    (real) => ({
      put: async (params) =>
        await real.put({ ...params, results: params.results.map((one) => ({ ...one, ttlMs: 300 })) }),
    }),
  ),
  results(
    'keeps the time of the first record',
    'counts the time of a record from when it was last stored',
    (real) => {
      const first = new Map<string, number | undefined>();
      return {
        put: async (params) =>
          await real.put({
            ...params,
            results: params.results.map((one) => {
              if (!first.has(one.taskId)) first.set(one.taskId, one.ttlMs);
              const ttlMs = first.get(one.taskId);
              return ttlMs === undefined ? one : { ...one, ttlMs };
            }),
          }),
      };
    },
  ),
  results('does not forget', 'forgets records, and what is not there', () => ({
    forget: async () => undefined,
  })),
  watches(
    'misses what is stored between reading and watching',
    'misses nothing that is stored while an id is being added',
    (watch, real) => ({
      add: async (params) => {
        const present = await real.get(params);
        await Promise.resolve();
        await watch.add(params);
        return present;
      },
    }),
  ),
  watches(
    'gives nothing when an id is added',
    'gives what is stored when ids are added, in the order of the ids',
    (watch) => ({
      add: async (params) => (await watch.add(params)).map(() => undefined),
    }),
  ),
  watches(
    'goes on after an id was removed',
    'tells nothing of an id after it was removed, and goes on with the others',
    () => ({ remove: () => undefined }),
  ),
  watches(
    'goes on after the watch was closed',
    'tells nothing after the watch was closed; closing twice is legal',
    () => ({ close: () => undefined }),
  ),
  watches('watches one id only', 'holds hundreds of ids in one watch', (watch) => ({
    add: async (params) => await watch.add({ ...params, taskIds: params.taskIds.slice(0, 1) }),
  })),
  results(
    'tells every second record',
    'tells a watch of what is stored after the id was added, in order',
    (real) => ({
      watch: ({ listener }) => {
        let count = 0;
        return real.watch({ listener: (result) => (count++ % 2 === 1 ? listener(result) : undefined) });
      },
    }),
  ),
  results('tells a record twice', 'takes an id that is added twice for one', (real) => ({
    watch: ({ listener }) =>
      real.watch({
        listener: (result) => {
          listener(result);
          listener(result);
        },
      }),
  })),
  results('tells its own process only', 'tells a watch of what another process stores', (real) => {
    const own = new Set<string>();
    return {
      put: async (params) => {
        for (const { taskId } of params.results) own.add(taskId);
        return await real.put(params);
      },
      watch: ({ listener }) =>
        real.watch({ listener: (result) => (own.has(result.taskId) ? listener(result) : undefined) }),
    };
  }),
  results('tells of refused records', 'does not tell of a record that was refused', (real) => {
    const listeners: ((result: StoredResult) => void)[] = [];
    return {
      put: async (params) => {
        const outcomes = await real.put(params);
        for (const [index, { kind }] of outcomes.entries()) {
          const result = params.results[index];
          if (kind === 'refused' && result !== undefined) for (const tell of listeners) tell(result);
        }
        return outcomes;
      },
      watch: ({ listener }) => {
        listeners.push(listener);
        return real.watch({ listener });
      },
    };
  }),
  results('tells two that a chord is complete', 'tells nobody else that a chord is complete', (real) => {
    let complete: Awaited<ReturnType<ResultStore['join']>> | undefined;
    return {
      join: async (params) => {
        const joined = await real.join(params);
        if (joined.kind === 'complete') complete = joined;
        return complete ?? joined;
      },
    };
  }),
  results(
    'counts a part every time',
    'counts a part once, however often it is reported, and keeps the first document',
    (real) => {
      let calls = 0;
      return {
        join: async ({ part, deadline }) =>
          await real.join({ part: { ...part, taskId: `${part.taskId} ${calls++}` }, deadline }),
      };
    },
  ),
  results(
    'gives the parts of a chord in the order of their coming',
    'gives the documents in the order of the positions, those without one last',
    (real) => {
      let calls = 0;
      return {
        join: async ({ part, deadline }) =>
          await real.join({ part: { ...part, groupIndex: calls++ }, deadline }),
      };
    },
  ),
  results(
    'puts parts without a position first',
    'gives the documents in the order of the positions, those without one last',
    (real) => ({
      join: async ({ part, deadline }) =>
        await real.join({ part: { ...part, groupIndex: part.groupIndex ?? -1 }, deadline }),
    }),
  ),
  results('never completes a chord', 'completes a chord of one part at once', (real) => ({
    openChord: async ({ chord, deadline }) =>
      await real.openChord({ chord: { ...chord, size: chord.size + 1 }, deadline }),
  })),
  results(
    'writes the text of chord parts in another encoding',
    'takes text and bytes for documents',
    (real) => ({
      join: async ({ part, deadline }) =>
        await real.join({ part: { ...part, document: inLatin1(part.document) }, deadline }),
    }),
  ),
  results('mixes chords up', 'keeps chords apart, whatever they are called', (real) => ({
    join: async ({ part, deadline }) =>
      await real.join({ part: { ...part, groupId: part.groupId.toLowerCase() }, deadline }),
  })),
  results(
    'forgets that a chord was complete',
    'tells the part that has completed a chord so again, with the same documents, until the chord is closed',
    (real) => {
      const done = new Set<string>();
      return {
        join: async (params) => {
          const { taskId, groupId } = params.part;
          const joined = await real.join(params);
          if (joined.kind !== 'complete') return joined;
          if (done.has(`${groupId} ${taskId}`)) return { kind: 'waiting', count: joined.documents.length };
          done.add(`${groupId} ${taskId}`);
          return joined;
        },
      };
    },
  ),
  results(
    'does not close chords',
    'tells the part that has completed a chord so again, with the same documents, until the chord is closed',
    () => ({ closeChord: async () => undefined }),
  ),
  results(
    'gives an id to two chords',
    'refuses a second chord under the same id, and takes a repeat of the first for what it is',
    () => ({ openChord: async () => ({ kind: 'opened' }) }),
  ),
  results(
    'forgets the document of a group',
    'gives the document of the group to the part that completes its chord, and to whoever asks',
    () => ({ getGroup: async () => undefined }),
  ),
  results(
    'knows no chords that are open',
    'knows the chords that were begun and not closed, oldest first, with what is kept of them',
    () => ({ openChords: async () => [] }),
  ),
];
