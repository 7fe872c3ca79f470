import { type ArgumentsHost, Catch, PayloadTooLargeException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Request } from 'express';
import { fileTooLarge } from './upload-limits.js';

/** Says how large a file may be, and makes no error of an upload that the client has broken off. */
@Catch()
export class UploadErrorFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const nobodyWaits = request.destroyed && !request.complete;
    if (nobodyWaits) return;
    const isTooLarge = exception instanceof PayloadTooLargeException;
    // reason: the rule takes every `catch` for that of a promise.
    // oxlint-disable-next-line promise/valid-params
    super.catch(isTooLarge ? new PayloadTooLargeException([fileTooLarge]) : exception, host);
  }
}
