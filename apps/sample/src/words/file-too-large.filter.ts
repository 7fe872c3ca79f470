import { type ArgumentsHost, Catch, type ExceptionFilter, PayloadTooLargeException } from '@nestjs/common';
import type { Response } from 'express';
import { fileTooLarge } from './upload-limits.js';

/** Says how large a file may be. */
@Catch(PayloadTooLargeException)
export class FileTooLargeFilter implements ExceptionFilter<PayloadTooLargeException> {
  catch(_exception: PayloadTooLargeException, host: ArgumentsHost): void {
    const { statusCode, error } = { statusCode: 413, error: 'Payload Too Large' };
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(statusCode)
      .json({ statusCode, error, message: [fileTooLarge] });
  }
}
