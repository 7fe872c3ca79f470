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
import { accepted } from '../http/accepted-task.js';
import { UploadFolder } from '../uploads/upload-folder.js';
import { UploadErrorFilter } from './upload-error.filter.js';
import { AcceptedCount } from './accepted-count.js';
import { WordWorkflow } from './word-workflow.js';

@ApiTags('words')
@Controller('words')
export class WordsController {
  constructor(
    private readonly workflow: WordWorkflow,
    private readonly uploads: UploadFolder,
  ) {}

  /** The file is on the disk before this is called: it came in as a stream, and goes to the task by its name. */
  @Post()
  @UseInterceptors(FileInterceptor('file'))
  @UseFilters(UploadErrorFilter)
  @ApiOperation({
    summary: 'Count the words of a text file: a task for each part of it, and one that adds up',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', format: 'binary' } },
    },
  })
  @ApiAcceptedResponse({ type: AcceptedCount })
  @ApiBadRequestResponse({ description: 'There is no file in the form.' })
  @ApiPayloadTooLargeResponse({ description: 'The file is larger than 50 MB.' })
  async count(
    @UploadedFile() file: { readonly filename: string; readonly size: number } | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    if (file === undefined) {
      throw new BadRequestException(['send a text file as multipart/form-data, in the field "file"']);
    }
    try {
      await this.uploads.sweep();
      const sent = await this.workflow.send(file.filename, file.size);
      const { id } = accepted(response, sent);
      return { id, group: sent.group };
    } catch (error) {
      await this.uploads.remove(file.filename);
      throw error;
    }
  }
}
