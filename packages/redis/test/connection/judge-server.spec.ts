import { judgeServer } from '../../src/connection/judge-server.js';
import { readUrl } from '../../src/connection/read-url.js';
import type { ServerFacts } from '../../src/connection/server-facts.js';

const good = {
  redis_version: '7.0.15',
  maxmemory: '0',
  role: 'master',
  connected_slaves: '0',
  aof_enabled: '1',
};

const judge = (
  info: Readonly<Record<string, string>> = {},
  { url = 'redis://host', ...facts }: Partial<ServerFacts> & { readonly url?: string } = {},
): readonly (readonly string[])[] => {
  const { refusals, warnings } = judgeServer(
    { info: new Map(Object.entries({ ...good, ...info })), save: '', clockDifferenceMs: 0, ...facts },
    readUrl(new URL(url)),
  );
  return [refusals, warnings].map((findings) => findings.map(({ found, advice }) => `${found}. ${advice}`));
};

const cluster = 'redis://host?cluster=true&keyPrefix={app}:';

describe('judging a server', () => {
  it.each([
    ['Redis 7', { redis_version: '7.0.0' }],
    ['Redis 8', { redis_version: '8.2.1' }],
    ['Valkey', { redis_version: '7.2.4', valkey_version: '8.1.0', server_name: 'valkey' }],
    ['a limit without eviction', { maxmemory: '1000', maxmemory_policy: 'noeviction' }],
    ['a policy without a limit', { maxmemory: '0', maxmemory_policy: 'allkeys-lru' }],
    ['a master that needs its replicas', { connected_slaves: '2', min_slaves_good_slaves: '2' }],
  ])('says nothing against %s', (_name, info) => {
    expect(judge(info)).toStrictEqual([[], []]);
  });

  it.each([
    ['an old version', { redis_version: '6.2.14' }, /version 6\.2\.14.*7\.0 or later/],
    ['no version', { redis_version: 'x' }, /version x/],
    [
      'eviction',
      { maxmemory: '1000', maxmemory_policy: 'volatile-ttl' },
      /volatile-ttl.*noeviction.*allowUnsafe/,
    ],
    ['a node of a cluster', { cluster_enabled: '1' }, /cluster=true&keyPrefix=\{app\}:/],
    ['a replica', { role: 'slave' }, /replica.*URL of the master/],
  ])('refuses %s', (_name, info, expected) => {
    const [refusals, warnings] = judge(info);
    expect(refusals).toStrictEqual([expect.stringMatching(expected)]);
    expect(warnings).toStrictEqual([]);
  });

  it('refuses neither the master of a cluster nor what Sentinels name', () => {
    expect(judge({ cluster_enabled: '1' }, { url: cluster })).toStrictEqual([[], []]);
    // The Sentinels know better; what they name becomes the master.
    const [refusals] = judge({ role: 'slave', connected_slaves: '1' }, { url: 'sentinel://host' });
    expect(refusals).toStrictEqual([]);
  });

  it.each([
    ['nothing on disk', { aof_enabled: '0' }, { save: '' }, /nothing on disk.*appendonly yes/],
    [
      'snapshots only',
      { aof_enabled: '0' },
      { save: '3600 1 300 100' },
      /since it last saved.*appendonly yes/,
    ],
    ['options that it hides', { aof_enabled: '0' }, { save: undefined }, /CONFIG is not permitted/],
    ['replicas that may lag', { connected_slaves: '1' }, {}, /min-replicas-to-write 1/],
    ['Sentinels without replicas', {}, { url: 'sentinel://host' }, /no replica that could take over/],
    ['another time', {}, { clockDifferenceMs: 1250 }, /1\.3 s apart.*NTP/],
    [
      'eviction that was allowed',
      { maxmemory: '1000', maxmemory_policy: 'allkeys-lru' },
      { url: 'redis://host?allowUnsafe=true' },
      /allkeys-lru/,
    ],
  ])('warns of %s', (_name, info, facts, expected) => {
    expect(judge(info, facts)).toStrictEqual([[], [expect.stringMatching(expected)]]);
  });

  it('does not let an old version or a replica pass by allowUnsafe', () => {
    const [refusals] = judge(
      { redis_version: '5.0.0', role: 'slave' },
      { url: 'redis://host?allowUnsafe=true' },
    );
    expect(refusals).toHaveLength(2);
  });
});
