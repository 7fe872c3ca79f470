/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

if (
  !process.execArgv
    .concat(process.env['NODE_OPTIONS'] ?? '')
    .join(' ')
    .includes('--experimental-vm-modules')
) {
  throw new Error('Nest 12 is ESM only: run the tests with "npm test -- <args>", not with a bare "jest".');
}

const config: Config = {
  testEnvironment: 'node',
  // Workspace packages resolve to their TypeScript source, so no build is needed.
  testEnvironmentOptions: { customExportConditions: ['@lovage/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/packages', '<rootDir>/tools'],
  testMatch: ['**/test/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/(apps|libs|packages)/[^/]+/dist/'],
  watchPathIgnorePatterns: ['<rootDir>/(apps|libs|packages)/[^/]+/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^fast-check$': '<rootDir>/tools/fast-check.mjs' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
            verbatimModuleSyntax: true,
          },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFiles: ['reflect-metadata', '<rootDir>/tools/jest-setup.ts'],
  reporters: ['default', '<rootDir>/tools/jest-reporter.mjs'],
  testSequencer: '<rootDir>/tools/jest-sequencer.mjs',
  restoreMocks: true,
  // Ends a test that hangs; it says nothing about how fast a test has to be, so it suits a slow and busy machine.
  testTimeout: 60_000,
  // Jest leaks modules in ESM mode, so workers must be replaced as they grow (never --runInBand for everything).
  // Most of the long ones wait (for servers, leases, dead processes) and need a processor for a third of their time.
  maxWorkers: availableParallelism() + 2,
  workerIdleMemoryLimit: '512MB',
  // 'v8' gets slower with every test file (5-10x on 194 files); 'babel' does not.
  coverageProvider: 'babel',
  collectCoverageFrom: ['{apps,libs,packages}/*/src/**/*.ts', '!**/main.ts', '!**/index.ts'],
  coverageDirectory: 'coverage',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
};

export default config;
