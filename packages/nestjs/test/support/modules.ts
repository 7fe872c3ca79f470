import { type DynamicModule, Module, type Type } from '@nestjs/common';

/** A module of its own class, so that several can be told apart. */
export function moduleOf(name: string, metadata: Omit<DynamicModule, 'module'>): DynamicModule {
  @Module({})
  class Made {}
  Object.defineProperty(Made, 'name', { value: name });
  return { module: Made as Type, ...metadata };
}
