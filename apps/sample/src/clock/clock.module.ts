import { Module } from '@nestjs/common';
import { ClockTasks } from './clock.tasks.js';

@Module({ providers: [ClockTasks] })
export class ClockModule {}
