import { TaskQueueModule } from '@lovage/nestjs';
import { Module } from '@nestjs/common';
import { HostModule } from './host/host.module.js';
import { MathModule } from './math/math.module.js';
import { Settings } from './settings.js';
import { SettingsModule } from './settings.module.js';
import { WordsModule } from './words/words.module.js';

@Module({
  imports: [
    SettingsModule,
    TaskQueueModule.forRootAsync({
      inject: [Settings],
      useFactory: ({ broker, results, worker }: Settings) => ({ broker, results, worker }),
      http: { path: 'tasks' },
    }),
    MathModule,
    WordsModule,
    HostModule,
  ],
})
export class AppModule {}
