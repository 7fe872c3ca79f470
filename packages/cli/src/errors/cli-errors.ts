import { defineError } from '@lovage/core';

export const APP_FILE_MISSING = defineError<{ readonly file: string; readonly hint: string }>(
  'LOVAGE_APP_FILE_MISSING',
  'The file that the option --app of the command names is not there.',
  (d) => `--app: there is no file "${d.file}". ${d.hint}`,
);

export const APP_LOAD_FAILED = defineError<{ readonly file: string; readonly problem: string }>(
  'LOVAGE_APP_LOAD_FAILED',
  'The module that the option --app of the command names could not be loaded.',
  (d) => `--app: "${d.file}" could not be loaded: ${d.problem}`,
);

export const APP_EXPORT_INVALID = defineError<{
  readonly file: string;
  readonly problem: string;
  readonly found: readonly string[];
}>(
  'LOVAGE_APP_EXPORT_INVALID',
  'The module that the option --app of the command names exports no Nest module and no TaskApp, or several.',
  (d) =>
    `--app: "${d.file}" ${d.problem}. It exports: ${d.found.join(', ') || 'nothing'}. ` +
    'Name the export behind a colon: --app dist/app.module.js:AppModule.',
);

export const APP_WITHOUT_QUEUE = defineError<{ readonly file: string; readonly name: string }>(
  'LOVAGE_APP_WITHOUT_QUEUE',
  'The Nest module of the command has no TaskQueueModule anywhere below it, so there is nothing to run.',
  (d) =>
    `--app: the module ${d.name} of "${d.file}" imports no TaskQueueModule, so there is no task and no queue. ` +
    'Import TaskQueueModule.forRoot({ ... }) in it, or name another module.',
);

export const NEST_MISSING = defineError<{ readonly file: string }>(
  'LOVAGE_NEST_MISSING',
  'The command was given a Nest module, and Nest is not installed beside it.',
  (d) =>
    `--app: "${d.file}" exports a Nest module, but @nestjs/core is not installed there: npm install @nestjs/core`,
);

export const STORE_EMBEDDED = defineError<{ readonly option: 'broker' | 'results'; readonly what: string }>(
  'LOVAGE_STORE_EMBEDDED',
  'A process of its own was asked for, and the broker or the result store is the embedded one, which no other process can reach.',
  (d) =>
    `"${d.option}" of the app is the embedded store (memory://): it lives in one process, so ` +
    `${d.option === 'broker' ? 'nobody could send anything to' : 'nobody could read the results of'} this ${d.what}. ` +
    'Give one on the network: --broker redis://localhost:6379/0 (LOVAGE_BROKER), --result-backend (LOVAGE_RESULTS), or the options of the app.',
);

/** Every error of this package; compared with docs/running.md by a test. */
export const cliErrors = [
  APP_FILE_MISSING,
  APP_LOAD_FAILED,
  APP_EXPORT_INVALID,
  APP_WITHOUT_QUEUE,
  NEST_MISSING,
  STORE_EMBEDDED,
];
