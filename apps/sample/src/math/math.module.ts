import { Module } from '@nestjs/common';
import { MathController } from './math.controller.js';
import { MathTasks } from './math.tasks.js';

@Module({ controllers: [MathController], providers: [MathTasks] })
export class MathModule {}
