import { Module } from '@nestjs/common';
import { Settings } from '../settings.js';
import { UploadFolder } from './upload-folder.js';

@Module({
  providers: [
    {
      provide: UploadFolder,
      inject: [Settings],
      useFactory: (settings: Settings) => UploadFolder.open(settings),
    },
  ],
  exports: [UploadFolder],
})
export class UploadsModule {}
