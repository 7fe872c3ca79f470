import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isLovageError } from '@lovage/core';
import { APP_FILE_MISSING, APP_LOAD_FAILED } from '../errors/cli-errors.js';

/** A module that was named on the command line. */
export interface LoadedModule {
  /** As it was given. */
  readonly file: string;
  readonly url: string;
  /** Name of the wanted export, where one was given. */
  readonly wanted: string | undefined;
  /** Exports by name; those of a CommonJS module too. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Loads an ES or CommonJS module.
 *
 * @param given a path from here, and behind a colon the name of an export
 * @throws LOVAGE_APP_FILE_MISSING, LOVAGE_APP_LOAD_FAILED
 */
export async function loadModule(given: string): Promise<LoadedModule> {
  const { file, wanted } = parted(given);
  const path = resolve(file);
  checkFile(file, path);
  const url = pathToFileURL(path).href;
  try {
    const loaded = (await import(url)) as Readonly<Record<string, unknown>>;
    const common = loaded['default'];
    // What a CommonJS module exports stands below its default export where Node can not see the names.
    const exports = isPlain(common) ? { ...common, ...loaded } : loaded;
    return { file, url, wanted, exports };
  } catch (error) {
    // An app that is made while its module is loaded says itself what is wrong.
    if (isLovageError(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw APP_LOAD_FAILED.create({ file, problem }, error);
  }
}

function parted(given: string): { readonly file: string; readonly wanted: string | undefined } {
  const [, file = given, wanted] = /^(.+):([A-Za-z_$][\w$]*)$/.exec(given) ?? [];
  return { file, wanted };
}

function checkFile(file: string, path: string): void {
  if (/^\.[cm]?tsx?$/.test(extname(path))) {
    throw APP_FILE_MISSING.create({
      file,
      hint: 'It is TypeScript: build it (npm run build), and name the JavaScript, such as dist/app.module.js.',
    });
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  throw APP_FILE_MISSING.create({
    file,
    hint:
      found === undefined
        ? `Looked for ${path}. Build the application first, or correct the path; it counts from the folder in which the command is started.`
        : 'It is a folder: name the file, such as dist/app.module.js.',
  });
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
