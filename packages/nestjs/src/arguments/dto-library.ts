import { PACKAGE_MISSING } from '../errors/nest-errors.js';

// reason: the packages are optional peers; their types are there at build time only.
type ClassValidator = typeof import('class-validator');
type ClassTransformer = typeof import('class-transformer');

/** What checking a DTO takes of the optional packages. */
export interface DtoLibrary {
  readonly isDto: (type: abstract new (...args: never[]) => unknown) => boolean;
  readonly plainToInstance: ClassTransformer['plainToInstance'];
  readonly validate: ClassValidator['validate'];
}

/**
 * Loads class-validator and class-transformer. Asked for only when the parameter of a task is a class of the application.
 *
 * @returns `undefined` when class-validator is not installed: then no class can have its decorators
 */
export async function loadDtoLibrary(): Promise<DtoLibrary | undefined> {
  const validator = await optional(async () => await import('class-validator'));
  if (validator === undefined) return undefined;
  const transformer = await optional(async () => await import('class-transformer'));
  const storage = validator.getMetadataStorage();
  return {
    isDto: (type) => storage.getTargetValidationMetadatas(type, '', true, false).length > 0,
    validate: validator.validate,
    plainToInstance:
      transformer?.plainToInstance ??
      (() => {
        throw PACKAGE_MISSING.create({
          packageName: 'class-transformer',
          neededFor: 'a task parameter that is a class-validator DTO',
        });
      }),
  };
}

async function optional<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
