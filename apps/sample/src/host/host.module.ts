import { Module } from '@nestjs/common';
import { HostController } from './host.controller.js';
import { HostTasks } from './host.tasks.js';

@Module({ controllers: [HostController], providers: [HostTasks] })
export class HostModule {}
