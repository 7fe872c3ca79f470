// What a compiled Nest application is, without decorators.
import 'reflect-metadata';
import { threadId } from 'node:worker_threads';
import { Task, TaskQueueModule } from '@lovage/nestjs';
import { Injectable, Module } from '@nestjs/common';

class HostTasks {
  where() {
    return { pid: process.pid, thread: threadId };
  }
}
Injectable()(HostTasks);
Task({ name: 'where' })(
  HostTasks.prototype,
  'where',
  Object.getOwnPropertyDescriptor(HostTasks.prototype, 'where'),
);

export class EmptyModule {}
Module({ providers: [HostTasks] })(EmptyModule);

export class AppModule {}
Module({
  imports: [TaskQueueModule.forRoot({ broker: 'redis://nowhere.invalid', worker: false })],
  providers: [HostTasks],
})(AppModule);
