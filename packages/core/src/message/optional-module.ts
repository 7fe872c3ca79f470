import { createRequire } from 'node:module';
import { LibraryMissing } from './compressor.js';

const require = createRequire(import.meta.url);
const provided = new Map<string, unknown>();

/**
 * Gives this library an optional module that it can not find by its name, as in a program that is bundled into one file:
 * `provideModule('lzma-native', lzma)`. `undefined` stands for a module that is not to be used.
 */
export function provideModule(name: string, module: unknown): void {
  provided.set(name, module);
}

/**
 * Loads an optional module when it is first used, without waiting.
 *
 * @param name module specifier; the caller knows its shape
 * @throws LibraryMissing
 */
export function optionalModule(name: string, install: string): unknown {
  const given = provided.get(name);
  if (given !== undefined) return given;
  if (provided.has(name)) throw new LibraryMissing(install, undefined);
  try {
    // require() and not import(), since messages are encoded and decoded in one go.
    const module: unknown = require(name);
    provided.set(name, module);
    return module;
  } catch (error) {
    throw new LibraryMissing(install, error);
  }
}
