import { Module } from '@nestjs/common';
import { MathModule } from '../math/math.module.js';
import { WorkflowsController } from './workflows.controller.js';

@Module({ imports: [MathModule], controllers: [WorkflowsController] })
export class WorkflowsModule {}
