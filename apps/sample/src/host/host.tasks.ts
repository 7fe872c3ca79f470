import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Task } from '@lovage/nestjs';
import { Injectable } from '@nestjs/common';

export interface HostName {
  readonly hostname: string;
}

/** As if it had to be asked of a machine far away. */
const lookupMs = 1500;

@Injectable()
export class HostTasks {
  /** A task is a method like any other: it can also be called, and then runs here and now. */
  @Task({ name: 'host.hostname' })
  async hostname(): Promise<HostName> {
    await pause(lookupMs);
    return { hostname: hostname() };
  }
}
