import type { Driver } from '@lovage/core';
import type { Harness, HarnessFactory } from '@lovage/conformance';

/** One way to break a driver that is right otherwise, and the case that must notice it. */
export interface Fault {
  readonly name: string;
  /** Name of a case that fails with this driver. */
  readonly noticedBy: string;
  /** The ports of a view, broken. */
  readonly break: (view: Driver) => Driver;
}

/** An object that does what another does, but for some of its methods. */
export function altered<T extends object>(original: T, changes: Partial<T>): T {
  return new Proxy(original, {
    get: (target, key) => {
      if (Object.hasOwn(changes, key)) return changes[key as keyof T];
      const value: unknown = Reflect.get(target, key, target);
      // Methods of the original use its private fields.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** An object without one of its fields. */
export function without<T extends object, K extends keyof T>(original: T, field: K): Omit<T, K> {
  const { [field]: _left, ...rest } = original;
  return rest;
}

/** The harness of a driver that has a fault. */
export function faulty(factory: HarnessFactory, fault: Fault): HarnessFactory {
  return {
    name: `${factory.name} that ${fault.name}`,
    create: async () => {
      const harness = await factory.create();
      const originals = new Map<Driver, Driver>();
      const broken = (view: Driver): Driver => {
        const wrapped = fault.break(view);
        originals.set(wrapped, view);
        return wrapped;
      };
      const view = broken(harness.view);
      return altered<Harness>(harness, {
        view,
        another: async () => broken(await harness.another()),
        crash: async (one) => await harness.crash(originals.get(one) ?? one),
        loseClaims: async (one) => await harness.loseClaims(originals.get(one) ?? one),
      });
    },
  };
}
