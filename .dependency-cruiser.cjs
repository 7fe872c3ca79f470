// Who may import whom. A new room of core is one line in `rooms`; a new package is one line in `workspaces`.

const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');

/** Rooms of packages/core/src, and the rooms that each may import besides itself. */
const foundation = ['errors', 'clock'];
const model = [...foundation, 'message', 'task'];
const pure = ['routing', 'retry', 'canvas', 'schedule'];
const machinery = [...model, ...pure, 'lifecycle', 'batch', 'ports', 'events', 'stores'];
const rooms = {
  errors: [],
  clock: ['errors'],
  lifecycle: foundation,
  batch: [...foundation, 'lifecycle'],
  message: foundation,
  task: [...foundation, 'message'],
  ports: model,
  events: foundation,
  stores: [...model, 'lifecycle', 'batch', 'ports'],
  routing: model,
  retry: model,
  canvas: model,
  schedule: model,
  calls: machinery,
  client: [...machinery, 'calls'],
  worker: [...machinery, 'calls'],
  // It is a client that sends by the clock.
  beat: [...machinery, 'client'],
  monitor: machinery,
  // What drivers share.
  drivers: [...foundation, 'ports'],
  // A driver.
  memory: [...foundation, 'lifecycle', 'message', 'ports', 'drivers'],
};
/** Of these rooms the pure ones may use types, but no code. */
const typesForPure = ['ports'];
/** Puts everything together; may import all rooms. */
const composition = ['app'];

/** Folders, and the folders that their src may import by package name; tests may also import libs. */
const workspaces = {
  'packages/core': [],
  'packages/nestjs': ['packages/core'],
  'packages/cli': ['packages/core'],
  'packages/redis': ['packages/core'],
  'packages/rabbitmq': ['packages/core'],
  'libs/conformance': ['packages/core'],
  'libs/services': [],
  'apps/accounting': ['packages/.+', 'libs/services'],
  'apps/sample': ['packages/.+'],
  bench: ['packages/.+', 'libs/services'],
};

/** Optional peers by package: what one may lack another needs. */
const optionalPeers = readdirSync(path.join(__dirname, 'packages')).flatMap((name) => {
  const manifest = readFileSync(path.join(__dirname, 'packages', name, 'package.json'), 'utf8');
  const peers = Object.keys(JSON.parse(manifest).peerDependenciesMeta ?? {});
  return peers.length === 0 ? [] : [{ name, peers }];
});

const core = '^packages/core/src/';
const anyOf = (names) => `(${names.join('|')})`;
const error = (rule) => ({ severity: 'error', ...rule });

const roomRules = Object.entries(rooms).map(([room, allowed]) => {
  const alsoTypes = pure.includes(room) ? typesForPure : [];
  return error({
    name: `core-room-${room}`,
    comment: `core/src/${room} may import ${allowed.join(', ') || 'nothing else'} of core`,
    from: { path: `${core}${room}/` },
    to: { path: core, pathNot: `${core}${anyOf([room, ...allowed, ...alsoTypes])}/` },
  });
});

const workspaceRules = Object.entries(workspaces).map(([folder, allowed]) =>
  error({
    name: `workspace-${folder.replace('/', '-')}`,
    comment: `${folder}/src may import ${allowed.join(', ') || 'no other workspace'}`,
    from: { path: `^${folder}/(src|bin)/` },
    to: { path: '^((packages|libs|apps)/[^/]+|bench)/', pathNot: `^${anyOf([folder, ...allowed])}/` },
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...workspaceRules,
    error({
      name: 'core-pure-rooms-know-ports-as-types',
      from: { path: `${core}${anyOf(pure)}/` },
      to: { path: `${core}${anyOf(typesForPure)}/`, dependencyTypesNot: ['type-only'] },
    }),
    error({
      name: 'core-room-is-listed',
      comment: 'a new room of core needs a line in .dependency-cruiser.cjs',
      from: {},
      to: {
        path: core,
        pathNot: [`${core}index[.]ts$`, `${core}${anyOf([...Object.keys(rooms), ...composition])}/`],
      },
    }),
    error({
      name: 'workspace-is-listed',
      comment: 'a new workspace needs a line in .dependency-cruiser.cjs',
      from: { path: '^((packages|libs|apps)/[^/]+|bench)/', pathNot: `^${anyOf(Object.keys(workspaces))}/` },
      to: {},
    }),
    error({
      name: 'core-barrel-is-for-others',
      from: { path: core },
      to: { path: `${core}index[.]ts$` },
    }),
    error({
      name: 'core-has-no-framework',
      from: { path: core },
      to: { path: 'node_modules/(@nestjs|rxjs|reflect-metadata)' },
    }),
    error({
      name: 'nobody-imports-apps',
      from: { path: '^(packages|libs|bench)/' },
      to: { path: '^apps/' },
    }),
    error({
      name: 'no-circular',
      comment: 'not even in types: move what both need to a file of its own',
      from: {},
      to: { circular: true },
    }),
    error({
      name: 'no-deep-reach',
      comment: 'across workspaces, only by package name',
      from: { path: '^((?:packages|apps|libs)/[^/]+|bench)/' },
      to: { path: '^((packages|apps|libs)/[^/]+|bench)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    }),
    error({
      name: 'src-does-not-import-tests',
      from: { path: '^(packages|apps|libs)/[^/]+/src/' },
      to: { path: '^(packages|apps|libs)/[^/]+/test/' },
    }),
    error({
      name: 'not-to-unlisted',
      from: { path: '^((packages|apps|libs)/[^/]+|bench)/src/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
        // An optional peer is listed twice: as a peer, and in peerDependenciesMeta, which the tool does not know.
        dependencyTypesNot: ['npm-peer'],
      },
    }),
    error({
      name: 'not-to-dev-dep',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'npm-optional'] },
    }),
    ...optionalPeers.map(({ name, peers }) =>
      error({
        name: `optional-peers-of-${name}-are-loaded-on-use`,
        comment: 'with import(), and types with "import type": whoever does not have them must not notice',
        from: { path: `^packages/${name}/src/` },
        to: {
          path: `^node_modules/${anyOf(peers)}/`,
          dependencyTypesNot: ['type-only', 'type-import', 'dynamic-import'],
        },
      }),
    ),
    error({
      name: 'not-to-unresolvable',
      from: { pathNot: '^packages/[^/]+/bin/' },
      to: { couldNotResolve: true },
    }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^((packages|apps|libs)/[^/]+|bench)/(dist|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@lovage/source', 'types', 'import', 'default'],
    },
  },
};
