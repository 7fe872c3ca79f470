import { InjectTasks, type Tasks } from '@lovage/nestjs';
import {
  BadRequestException,
  Controller,
  Post,
  Res,
  UploadedFile,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptedTask, accepted } from '../http/accepted-task.js';
import { UploadFolder } from '../uploads/upload-folder.js';
import { UploadErrorFilter } from './upload-error.filter.js';
import { WordTasks } from './word.tasks.js';

@ApiTags('words')
@Controller('words')
export class WordsController {
  constructor(
    @InjectTasks(WordTasks) private readonly words: Tasks<WordTasks>,
    private readonly uploads: UploadFolder,
  ) {}

  /** The file is on the disk before this is called: it came in as a stream, and goes to the task by its name. */
  @Post()
  @UseInterceptors(FileInterceptor('file'))
  @UseFilters(UploadErrorFilter)
  @ApiOperation({ summary: 'Count the words of a text file in a task that reports its progress' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', format: 'binary' } },
    },
  })
  @ApiAcceptedResponse({ type: AcceptedTask })
  @ApiBadRequestResponse({ description: 'There is no file in the form.' })
  @ApiPayloadTooLargeResponse({ description: 'The file is larger than 50 MB.' })
  async count(
    @UploadedFile() file: { readonly filename: string } | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    if (file === undefined) {
      throw new BadRequestException(['send a text file as multipart/form-data, in the field "file"']);
    }
    try {
      await this.uploads.sweep();
      return accepted(response, await this.words.count.delay(file.filename));
    } catch (error) {
      await this.uploads.remove(file.filename);
      throw error;
    }
  }
}
