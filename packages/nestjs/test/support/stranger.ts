import { type Driver, TaskApp, type TaskClient } from '@lovage/core';

/** A client of another program at the stores of an app: it knows no tasks and checks nothing. */
export async function strangerAt({ stores, clock }: TaskApp): Promise<TaskClient> {
  const { broker, results, ledger, inspector } = stores;
  const driver: Driver = {
    broker,
    ...(results === undefined ? {} : { results }),
    ...(ledger === undefined ? {} : { ledger }),
    ...(inspector === undefined ? {} : { inspector }),
  };
  return (await TaskApp.create({ worker: false }, { clock, driver })).client;
}
