import { Module } from '@nestjs/common';
import { MulterModule } from '@nestjs/platform-express';
import { UploadFolder } from '../uploads/upload-folder.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { uploadLimits } from './upload-limits.js';
import { WordTasks } from './word.tasks.js';
import { WordWorkflow } from './word-workflow.js';
import { WordsController } from './words.controller.js';

@Module({
  imports: [
    UploadsModule,
    MulterModule.registerAsync({
      imports: [UploadsModule],
      inject: [UploadFolder],
      useFactory: ({ path }: UploadFolder) => ({ dest: path, limits: uploadLimits }),
    }),
  ],
  controllers: [WordsController],
  providers: [WordTasks, WordWorkflow],
})
export class WordsModule {}
