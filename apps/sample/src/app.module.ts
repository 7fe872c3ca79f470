import { TaskQueueModule } from '@lovage/nestjs';
import { Module } from '@nestjs/common';
import { ClockModule } from './clock/clock.module.js';
import { HostModule } from './host/host.module.js';
import { MathModule } from './math/math.module.js';
import { Settings } from './settings.js';
import { SettingsModule } from './settings.module.js';
import { WordsModule } from './words/words.module.js';
import { WorkflowsModule } from './workflows/workflows.module.js';

@Module({
  imports: [
    SettingsModule,
    TaskQueueModule.forRootAsync({
      inject: [Settings],
      useFactory: ({ broker, results, worker, beat }: Settings) => ({ broker, results, worker, beat }),
      http: { path: 'tasks', schedules: true },
    }),
    MathModule,
    WordsModule,
    HostModule,
    WorkflowsModule,
    ClockModule,
  ],
})
export class AppModule {}
