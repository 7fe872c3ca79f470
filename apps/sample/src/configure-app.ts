import { fileURLToPath } from 'node:url';
import { ValidationPipe } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveOpenApi } from './http/open-api.js';
import { securityHeaders } from './http/security-headers.js';

const publicFolder = fileURLToPath(new URL('../public', import.meta.url));

/** In bytes. Two numbers need no more, and thousands of brackets in each other would overflow the stack of what checks them. */
const largestJson = 1024;

/** What the application needs besides its modules; tests use it too. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.useBodyParser('json', { limit: largestJson });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.useStaticAssets(publicFolder);
  serveOpenApi(app);
}
