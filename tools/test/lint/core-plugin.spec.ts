import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { TemporaryTree } from '../temporary-tree.js';

const root = join(import.meta.dirname, '../../..');

const foundExpressions = [
  'Date.now()',
  "Date['now']()",
  'new Date()',
  'Date()',
  'Math.random()',
  'AbortSignal.timeout(1)',
  'process.pid',
  'process',
  'console.log(1)',
  'performance.now()',
  'crypto.randomUUID()',
  'fetch("http://127.0.0.1")',
  'setTimeout(() => 1, 1)',
  'queueMicrotask(() => 1)',
  'globalThis.setTimeout',
  'globalThis.Date',
  "(await import('node:timers')).setTimeout",
].map((expression) => `export const it = ${expression};`);

const found = [
  ...foundExpressions,
  "import { setTimeout } from 'node:timers/promises'; export const it = setTimeout;",
  "import { setTimeout } from 'timers'; export const it = setTimeout;",
  "import { pid } from 'node:process'; export const it = pid;",
  "import { performance } from 'node:perf_hooks'; export const it = performance;",
  "import { randomUUID } from 'node:crypto'; export const it = randomUUID;",
  "import * as crypto from 'node:crypto'; export const it = crypto;",
  "import crypto from 'node:crypto'; export const it = crypto;",
  "export { setTimeout } from 'node:timers';",
  "export * from 'node:timers';",
];

const allowed = [
  'export const it = new Date(0);',
  'export const it = Math.floor(1.5);',
  'export const it = (process: { pid: number }) => process.pid;',
  'export const it = (Date: { now(): number }) => Date.now();',
  'export const it = (clock: { setTimeout(): void }) => clock.setTimeout();',
  'export const it = { process: 1, console: 2 };',
  'export type It = { process: number };',
  "import { createHash } from 'node:crypto'; export const it = createHash;",
  'export const it = new AbortController().signal;',
];

describe('the rule no-ambient', () => {
  let tree: TemporaryTree;
  let messages: Map<string, string[]>;

  beforeAll(async () => {
    tree = new TemporaryTree({
      '.oxlintrc.json': JSON.stringify({
        jsPlugins: [join(root, 'tools/lint/core-plugin.mjs')],
        categories: { correctness: 'off' },
        env: { node: true, es2024: true },
        rules: { 'lovage/no-ambient': 'error' },
      }),
    });
    for (const [index, code] of [...found, ...allowed].entries()) {
      tree.write(`${index}.ts`, `${code}\n`);
    }
    messages = await lint(tree.path);
  });

  afterAll(() => {
    tree.remove();
  });

  const files = [...found, ...allowed].map((code, index) => [code, `${index}.ts`] as const);

  it.each(files.slice(0, found.length))('refuses %s', (_code, file) => {
    expect(messages.get(file)).toStrictEqual([expect.stringContaining('core must not use')]);
  });

  it.each(files.slice(found.length))('allows %s', (_code, file) => {
    expect(messages.get(file)).toBeUndefined();
  });
});

/** Messages by file. */
async function lint(folder: string): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '--format', 'json'], { cwd: folder }, (_error, stdout) => {
      resolve(stdout);
    });
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; message: string }[] };
  const messages = new Map<string, string[]>();
  for (const { filename, message } of diagnostics) {
    messages.set(filename, [...(messages.get(filename) ?? []), message]);
  }
  return messages;
}
