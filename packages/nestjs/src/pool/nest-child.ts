import type { ChildApplication, ChildEntry } from '@lovage/core';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { ENTRY_UNFIT } from '../errors/nest-errors.js';
import { TaskLogger } from '../logging/task-logger.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import type { NestChildData } from './nest-child-data.js';

/** While an application is made in a child only what is wrong is logged; its parent has told the rest. */
const whileMade = ['fatal', 'error', 'warn'] as const;
const afterwards = [...whileMade, 'log'] as const;

/**
 * Makes the application in a child of a pool, without HTTP: from its root module, or by the user's own function. Called by core in the
 * child.
 *
 * @throws LOVAGE_POOL_MODULE_MISSING when the file has no root module; what the application throws at its start
 */
export async function makeNestChild({ app, ...entry }: NestChildData): Promise<ChildApplication> {
  const root = await rootOf(entry);
  const context = await contextOf(root, entry);
  const host = context.get(TaskAppDirectory, { strict: false }).get(app, 'the child of a pool');
  return { app: host.app, close: async () => await context.close() };
}

async function contextOf(root: unknown, { data, ...entry }: ChildEntry): Promise<INestApplicationContext> {
  if (!isModule(root) && !isClass(root)) {
    const made = await (root as (data: unknown) => unknown)(data);
    if (isContext(made)) return made;
    throw ENTRY_UNFIT.create({ module: entry.module, problem: 'its function gives no Nest application' });
  }
  const logger = new TaskLogger({ logLevels: [...whileMade] });
  const context = await NestFactory.createApplicationContext(root as Type, { logger, abortOnError: false });
  logger.setLogLevels([...afterwards]);
  return context;
}

/** The export that the entry names; else the default one, or the only one that is a module. */
async function rootOf({ module, export: name }: ChildEntry): Promise<unknown> {
  const loaded = (await import(module)) as Readonly<Record<string, unknown>>;
  const common = loaded['default'];
  // What a CommonJS module exports may be seen below its default export only.
  const exports = {
    ...(typeof common === 'object' && common !== null ? (common as Readonly<Record<string, unknown>>) : {}),
    ...loaded,
  };
  if (name !== undefined) {
    if (isUsable(exports[name])) return exports[name];
    throw ENTRY_UNFIT.create({ module, problem: `its export "${name}" is no module class and no function` });
  }
  if (isUsable(exports['default'])) return exports['default'];
  const modules = Object.entries(exports).filter(([, value]) => isModule(value));
  const [only] = new Set(modules.map(([, value]) => value));
  if (modules.length === 0)
    throw ENTRY_UNFIT.create({ module, problem: 'it exports no class with @Module()' });
  if (modules.some(([, value]) => value !== only)) {
    const names = modules.map(([exported]) => exported).join(', ');
    throw ENTRY_UNFIT.create({
      module,
      problem: `it exports several modules (${names}): say which with { module, export }`,
    });
  }
  return only;
}

const isUsable = (value: unknown): boolean => typeof value === 'function' || isModule(value);

/** Nest says better than anybody what is wrong with one that is no module. */
const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

const moduleKeys: readonly string[] = Object.values(MODULE_METADATA);

/** A class with `@Module()`, or a dynamic module. */
function isModule(value: unknown): boolean {
  if (typeof value === 'function') return moduleKeys.some((key) => Reflect.hasMetadata(key, value));
  return typeof value === 'object' && value !== null && isModule((value as { module?: unknown }).module);
}

function isContext(value: unknown): value is INestApplicationContext {
  const { get, close } = (value ?? {}) as { readonly get?: unknown; readonly close?: unknown };
  return typeof get === 'function' && typeof close === 'function';
}
